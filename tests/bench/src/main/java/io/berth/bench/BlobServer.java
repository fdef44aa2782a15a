package io.berth.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The least of a registry: {@code BlobServer <directory> <port>} serves {@code <directory>/<tag or digest>}, and tells a manifest by the
 * path it is asked for at. A program of its own, since it runs in the network namespace of whom it serves. Who tries TLS first is hung up
 * on at once: dockerd does, and would wait ten seconds for an answer.
 */
final class BlobServer {
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final int TLS_HANDSHAKE = 0x16;

    private final Path directory;

    private BlobServer(Path directory) {
        this.directory = directory;
    }

    public static void main(String[] arguments) throws IOException {
        BlobServer server = new BlobServer(Path.of(arguments[0]));
        try (ServerSocket listener =
                new ServerSocket(Integer.parseInt(arguments[1]), 64, InetAddress.getLoopbackAddress())) {
            Files.writeString(server.directory.resolve("ready"), "");
            while (true) {
                Socket client = listener.accept();
                Thread.ofVirtual().start(() -> server.serve(client));
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                InputStream in = new BufferedInputStream(client.getInputStream());
                OutputStream out = client.getOutputStream()) {
            client.setTcpNoDelay(true);
            in.mark(1);
            if (in.read() == TLS_HANDSHAKE) {
                return;
            }
            in.reset();
            for (String request = head(in); !request.isEmpty(); request = head(in)) {
                answer(request, out);
            }
        } catch (IOException _) {
            // The client has gone: nobody is left to tell.
        }
    }

    /** A request without its body, which none of those here has; empty at the end of the connection. */
    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            head.append((char) c);
            if (c == '\n'
                    && head.length() >= 4
                    && head.substring(head.length() - 4).equals("\r\n\r\n")) {
                return head.toString();
            }
        }
        return "";
    }

    private void answer(String request, OutputStream out) throws IOException {
        String[] words = request.split(" ", 3);
        String path = words[1];
        Path file = directory.resolve(path.substring(path.lastIndexOf('/') + 1));
        boolean there = !path.equals("/v2/") && Files.isRegularFile(file);
        long length = there ? Files.size(file) : 0;
        String type = path.contains("/manifests/") ? MANIFEST : "application/octet-stream";
        String status = there || path.equals("/v2/") ? "200 OK" : "404 Not Found";
        out.write(String.format(
                        Locale.ROOT,
                        "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n",
                        status,
                        type,
                        length)
                .getBytes(StandardCharsets.ISO_8859_1));
        if (there && !words[0].equals("HEAD")) {
            Files.copy(file, out);
        }
    }
}
