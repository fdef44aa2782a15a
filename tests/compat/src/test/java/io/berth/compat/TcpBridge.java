package io.berth.compat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Lets clients that know only TCP reach the registry's socket: adds the platform credential to each request and asks for the
 * connection to be closed after it, so that only the first head of a connection has to be understood.
 */
final class TcpBridge implements AutoCloseable {
    private static final int TLS_HANDSHAKE = 0x16;

    private final ServerSocket listener;
    private final Path socket;
    private final String key;

    TcpBridge(Path socket, String key) throws IOException {
        this.socket = socket;
        this.key = key;
        listener = new ServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket client) {
        try (client;
                SocketChannel registry = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            registry.connect(UnixDomainSocketAddress.of(socket));
            OutputStream toRegistry = Channels.newOutputStream(registry);
            InputStream fromClient = client.getInputStream();
            String head = head(fromClient);
            if (head.isEmpty()) {
                // Clients that try TLS first go on in plain text when they get plain text.
                client.getOutputStream()
                        .write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
                                .getBytes(StandardCharsets.ISO_8859_1));
                return;
            }
            toRegistry.write(head.replaceFirst("\r\n", "\r\nBerth-Platform-Key: " + key + "\r\nConnection: close\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            Thread.ofVirtual().start(() -> {
                try {
                    fromClient.transferTo(toRegistry);
                } catch (IOException e) {
                    // the answer came before the body had ended
                }
            });
            Channels.newInputStream(registry).transferTo(client.getOutputStream());
        } catch (IOException e) {
            // either side has gone
        }
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int b;
        while ((b = in.read()) >= 0) {
            if (b == TLS_HANDSHAKE && head.size() == 0) {
                return "";
            }
            head.write(b);
            if (b == '\n' && head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
                return head.toString(StandardCharsets.ISO_8859_1);
            }
        }
        return "";
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    /** {@code TcpBridge <socket> <key>}: prints the port and serves until killed. */
    public static void main(String[] arguments) throws Exception {
        try (TcpBridge bridge = new TcpBridge(Path.of(arguments[0]), arguments[1])) {
            IO.println(bridge.port());
            Thread.currentThread().join();
        }
    }
}
