package io.berth.compat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A collector of OpenTelemetry: takes OTLP in JSON over HTTP and keeps each message as a line of a file. A process of its own, for it
 * to be in a platform's network namespace.
 */
final class TraceCollector {
    /** Where platforms of the tests send their traces. */
    static final int PORT = 4318;

    private TraceCollector() {}

    /** @param arguments the file */
    static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT), 0);
        server.createContext("/v1/traces", exchange -> {
            String message = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            Files.writeString(
                    file, message.replace("\n", " ") + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        Files.createFile(file);
    }

    /** Starts one in a platform's network namespace; the file exists when it listens. */
    static Running start(BerthInstance berth, Path file) {
        try {
            List<String> command = new ArrayList<>(berth.inNamespace());
            command.addAll(List.of(
                    ProcessHandle.current().info().command().orElse("java"),
                    "-XX:TieredStopAtLevel=1",
                    "-Xmx64m",
                    "-cp",
                    Path.of(TraceCollector.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI())
                            .toString(),
                    TraceCollector.class.getName(),
                    file.toString()));
            return Running.start(command, Map.of());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
