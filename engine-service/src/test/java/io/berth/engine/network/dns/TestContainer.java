package io.berth.engine.network.dns;

import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A network namespace with {@code lo} up, and programs in it. */
final class TestContainer implements AutoCloseable {
    static final InetSocketAddress NAME_SERVER = new InetSocketAddress("127.0.0.11", 53);

    private final Fd namespace;

    private TestContainer(Fd namespace) {
        this.namespace = namespace;
    }

    static TestContainer create() throws IOException, InterruptedException {
        var container = new TestContainer(Namespaces.create(Namespace.NETWORK));
        container.run("ip", "link", "set", "lo", "up");
        return container;
    }

    Fd namespace() {
        return namespace;
    }

    /** Where other programs find the namespace. */
    String path() {
        return "/proc/" + ProcessHandle.current().pid() + "/fd/" + namespace.value();
    }

    /** Runs a program inside that is to succeed, and returns what it printed. */
    String run(String... command) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("nsenter", "--net=" + path(), "--"));
        all.addAll(List.of(command));
        Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError(String.join(" ", command) + " failed:\n" + output);
        }
        return output;
    }

    String dig(String... arguments) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("dig", "+time=20", "+tries=1", "@127.0.0.11"));
        all.addAll(List.of(arguments));
        return run(all.toArray(String[]::new));
    }

    /** Opens a socket inside that sends to the name server. */
    DatagramChannel client() {
        return Namespaces.callIn(
                namespace,
                Namespace.NETWORK,
                () -> DatagramChannel.open(StandardProtocolFamily.INET).connect(NAME_SERVER));
    }

    /** Opens a connection to the name server. */
    Socket connection() {
        return Namespaces.callIn(namespace, Namespace.NETWORK, () -> {
            var socket = new Socket(NAME_SERVER.getAddress(), NAME_SERVER.getPort());
            socket.setSoTimeout(20_000);
            return socket;
        });
    }

    /** Asks once, and waits for the answer. */
    ByteBuffer exchange(ByteBuffer query) throws IOException {
        try (DatagramChannel client = client()) {
            client.socket().setSoTimeout(20_000);
            client.write(query.duplicate());
            var packet = new java.net.DatagramPacket(new byte[65535], 65535);
            client.socket().receive(packet);
            return ByteBuffer.wrap(packet.getData(), 0, packet.getLength()).slice();
        }
    }

    /** Packets that have gone out through a link. */
    long sentThrough(String link) {
        return Namespaces.callIn(namespace, Namespace.NETWORK, () -> {
            for (String line : Files.readAllLines(Path.of("/proc/thread-self/net/dev"))) {
                String[] fields = line.strip().split("[:\\s]+");
                if (fields[0].equals(link)) {
                    return Long.parseLong(fields[10]);
                }
            }
            throw new AssertionError("no link " + link);
        });
    }

    @Override
    public void close() {
        namespace.close();
    }
}
