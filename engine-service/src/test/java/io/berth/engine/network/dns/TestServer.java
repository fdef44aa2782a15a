package io.berth.engine.network.dns;

import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A name server at port 53 of an address in a namespace, on two threads. */
final class TestServer implements AutoCloseable {
    /** How it answers. */
    @FunctionalInterface
    interface Behaviour {
        /**
         * Answers a message.
         *
         * @param query from 0 to its limit
         * @return messages to send, in order
         */
        List<ByteBuffer> answers(ByteBuffer query, boolean stream);
    }

    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final Behaviour behaviour;
    private final List<ByteBuffer> datagrams = new CopyOnWriteArrayList<>();
    private final List<ByteBuffer> streamed = new CopyOnWriteArrayList<>();
    private final List<Integer> ports = new CopyOnWriteArrayList<>();

    private TestServer(DatagramSocket udp, ServerSocket tcp, Behaviour behaviour) {
        this.udp = udp;
        this.tcp = tcp;
        this.behaviour = behaviour;
    }

    static TestServer start(Fd namespace, String address, Behaviour behaviour) {
        InetAddress at = InetAddress.ofLiteral(address);
        TestServer server = Namespaces.callIn(
                namespace,
                Namespace.NETWORK,
                () -> new TestServer(new DatagramSocket(53, at), new ServerSocket(53, 50, at), behaviour));
        Thread.ofPlatform().daemon().start(server::datagrams);
        Thread.ofPlatform().daemon().start(server::streams);
        return server;
    }

    /** Answers with an address; the response has the query's question and what comes after it. */
    static ByteBuffer address(ByteBuffer query, int... address) {
        ByteBuffer response = ByteBuffer.allocate(query.limit() + 16);
        int end = Wire.endOfPlainName(query, Wire.HEADER) + 4;
        response.put(query.slice(0, end))
                .putShort((short) 0xc00c)
                .putShort((short) 1)
                .putShort((short) 1);
        response.putInt(5).putShort((short) 4);
        for (int octet : address) {
            response.put((byte) octet);
        }
        response.put(query.slice(end, query.limit() - end)).flip();
        return response.putShort(2, (short) 0x8180).putShort(6, (short) 1);
    }

    /** The query as a response with flags and without records. */
    static ByteBuffer flags(ByteBuffer query, int flags) {
        ByteBuffer response = ByteBuffer.allocate(query.limit()).put(0, query, 0, query.limit());
        return response.putShort(2, (short) flags);
    }

    private void datagrams() {
        try {
            var packet = new DatagramPacket(new byte[65535], 65535);
            while (true) {
                packet.setLength(65535);
                udp.receive(packet);
                ByteBuffer query = ByteBuffer.wrap(packet.getData().clone(), 0, packet.getLength())
                        .slice();
                datagrams.add(query);
                ports.add(((InetSocketAddress) packet.getSocketAddress()).getPort());
                for (ByteBuffer answer : behaviour.answers(query, false)) {
                    byte[] bytes = new byte[answer.remaining()];
                    answer.get(bytes);
                    udp.send(new DatagramPacket(bytes, bytes.length, packet.getSocketAddress()));
                }
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void streams() {
        try {
            while (true) {
                try (Socket client = tcp.accept()) {
                    var in = new DataInputStream(client.getInputStream());
                    byte[] bytes = new byte[in.readUnsignedShort()];
                    in.readFully(bytes);
                    streamed.add(ByteBuffer.wrap(bytes));
                    var out = new DataOutputStream(client.getOutputStream());
                    for (ByteBuffer answer : behaviour.answers(ByteBuffer.wrap(bytes), true)) {
                        byte[] whole = new byte[answer.remaining()];
                        answer.get(whole);
                        out.writeShort(whole.length);
                        out.write(whole);
                    }
                }
            }
        } catch (IOException e) {
            // closed
        }
    }

    /** What came by UDP. */
    List<ByteBuffer> datagramsReceived() {
        return datagrams;
    }

    /** Ports that it came from. */
    List<Integer> portsSeen() {
        return ports;
    }

    /** What came by TCP. */
    List<ByteBuffer> streamed() {
        return streamed;
    }

    /** Ends it; its threads end by themselves. */
    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }
}
