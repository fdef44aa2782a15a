package io.berth.compat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A registry that only serves, and slowly: {@code SlowRegistry <directory> <port> <bytes per second and connection>}. The
 * directory has {@code manifests/<tag or digest>} and {@code blobs/<digest>}. It prints how many bytes of blobs it has
 * sent in all, a line for each piece. A program of its own, since it runs in the network namespace of a platform.
 */
final class SlowRegistry {
    private static final int PIECE = 64 * 1024;
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

    private final Path directory;
    private final long bytesPerSecond;
    private final PrintStream out;
    private final AtomicLong sent = new AtomicLong();

    private SlowRegistry(Path directory, long bytesPerSecond, PrintStream out) {
        this.directory = directory;
        this.bytesPerSecond = bytesPerSecond;
        this.out = out;
    }

    public static void main(String[] arguments) throws IOException {
        SlowRegistry registry = new SlowRegistry(
                Path.of(arguments[0]), Long.parseLong(arguments[2]), new PrintStream(System.out, true));
        InetSocketAddress address =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[1]));
        HttpServer server = HttpServer.create(address, 64);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", registry::handle);
        server.start();
        registry.out.println(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String name = path.substring(path.lastIndexOf('/') + 1);
            Path blob = directory.resolve("blobs").resolve(name);
            Path manifest = directory.resolve("manifests").resolve(name);
            if (path.equals("/v2/")) {
                exchange.sendResponseHeaders(200, -1);
            } else if (path.contains("/manifests/") && Files.exists(manifest)) {
                exchange.getResponseHeaders().set("Content-Type", MANIFEST);
                exchange.sendResponseHeaders(200, Files.size(manifest));
                exchange.getResponseBody().write(Files.readAllBytes(manifest));
            } else if (path.contains("/blobs/") && Files.exists(blob)) {
                send(exchange, Files.readAllBytes(blob));
            } else {
                exchange.sendResponseHeaders(404, -1);
            }
        }
    }

    private void send(HttpExchange exchange, byte[] content) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
        if (range != null) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        }
        exchange.sendResponseHeaders(range == null ? 200 : 206, content.length - from);
        try (OutputStream body = exchange.getResponseBody()) {
            for (int at = from; at < content.length; at += PIECE) {
                int count = Math.min(PIECE, content.length - at);
                body.write(content, at, count);
                body.flush();
                out.println(sent.addAndGet(count));
                Thread.sleep(1000L * count / bytesPerSecond);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
