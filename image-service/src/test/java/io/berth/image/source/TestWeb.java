package io.berth.image.source;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.PacketLineOut;
import org.eclipse.jgit.transport.RefAdvertiser;
import org.eclipse.jgit.transport.UploadPack;

/** A web server on the loopback interface that answers as a test says, also as a git server. */
final class TestWeb implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    final List<String> requests = new CopyOnWriteArrayList<>();

    /** Answers one request. */
    interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    TestWeb() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.start();
    }

    /** An address at this server. */
    String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    /** The same server by another name. */
    String named(String path) {
        return "http://localhost:" + server.getAddress().getPort() + path;
    }

    void on(String path, Answer answer) {
        server.createContext(path, exchange -> {
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getOrDefault("Authorization", List.of()) + " "
                    + exchange.getRequestHeaders().getOrDefault("If-none-match", List.of()));
            try (exchange) {
                answer.to(exchange);
            }
        });
    }

    void text(String path, String text, String... headers) {
        on(path, exchange -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
            }
            send(exchange, 200, text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        });
    }

    void redirect(String path, int status, String location) {
        on(path, exchange -> {
            exchange.getResponseHeaders().set("Location", location);
            send(exchange, status, new byte[0]);
        });
    }

    static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    /** Serves a repository by git's smart protocol. */
    void git(String path, Repository repository) {
        on(path + "/info/refs", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "application/x-git-upload-pack-advertisement");
            exchange.sendResponseHeaders(200, 0);
            PacketLineOut out = new PacketLineOut(exchange.getResponseBody());
            out.writeString("# service=git-upload-pack\n");
            out.end();
            uploadPack(repository).sendAdvertisedRefs(new RefAdvertiser.PacketLineOutRefAdvertiser(out));
        });
        on(path + "/git-upload-pack", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "application/x-git-upload-pack-result");
            exchange.sendResponseHeaders(200, 0);
            boolean zipped = exchange.getRequestHeaders()
                    .getOrDefault("Content-encoding", List.of())
                    .contains("gzip");
            InputStream in = exchange.getRequestBody();
            uploadPack(repository).upload(zipped ? new GZIPInputStream(in) : in, exchange.getResponseBody(), null);
        });
    }

    private static UploadPack uploadPack(Repository repository) {
        UploadPack upload = new UploadPack(repository);
        upload.setBiDirectionalPipe(false);
        return upload;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
