package io.berth.registry;

import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** Requests that no proper client sends. */
final class RawClient {
    private RawClient() {}

    /** Sends a request without a body and reads the answer to the end of the connection. */
    static String exchange(Path directory, String firstLines) throws IOException {
        try (SocketChannel channel = connect(directory)) {
            OutputStream out = Channels.newOutputStream(channel);
            out.write((firstLines + common() + "Connection: close\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Sends a part of a body and closes the connection. */
    static void sendAndVanish(Path directory, String firstLines, byte[] part) throws IOException {
        try (SocketChannel channel = connect(directory)) {
            send(channel, firstLines, part);
        }
    }

    /** Sends a part of a body, and does something while the request waits for the rest. */
    static void sendAndVanish(Path directory, String firstLines, byte[] part, Callable<?> meanwhile) throws Exception {
        try (SocketChannel channel = connect(directory)) {
            send(channel, firstLines, part);
            meanwhile.call();
        }
    }

    private static void send(SocketChannel channel, String firstLines, byte[] part) throws IOException {
        OutputStream out = Channels.newOutputStream(channel);
        out.write((firstLines + common() + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        out.write(part);
    }

    private static SocketChannel connect(Path directory) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(TestRegistry.socket(directory)));
        return channel;
    }

    private static String common() {
        return "Host: localhost\r\nBerth-Platform-Key: " + TestRegistry.KEY + "\r\n";
    }
}
