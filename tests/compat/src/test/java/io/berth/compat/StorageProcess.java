package io.berth.compat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A registry process beside the platform's, with settings of its own, that listens on a port of this network namespace. */
final class StorageProcess implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(4);

    private final Launcher launcher;
    private final String name;
    private final int port;
    private final boolean redirect;
    private final Process process;
    private final HttpClient http = HttpClient.newHttpClient();

    private StorageProcess(Launcher launcher, String name, int port, boolean redirect) throws IOException {
        this.launcher = launcher;
        this.name = name;
        this.port = port;
        this.redirect = redirect;
        this.process = launcher.process(name, port, redirect);
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    }

    /**
     * Starts registries as the platform has started its own.
     *
     * @param registry the process of the platform's registry
     * @param runDirectory of the platform, whose secret they share
     */
    record Launcher(long registry, Path runDirectory, Path directory, List<String> settings) {
        StorageProcess start(String name, int port, boolean redirect) throws IOException {
            return new StorageProcess(this, name, port, redirect);
        }

        private Process process(String name, int port, boolean redirect) throws IOException {
            String[] platforms = Files.readString(Path.of("/proc/" + registry + "/cmdline"), StandardCharsets.UTF_8)
                    .split("\0", -1);
            int jar = Arrays.asList(platforms).indexOf("-jar");
            List<String> command = new ArrayList<>(List.of(platforms).subList(0, jar + 2));
            // It lives for a minute, which the second compiler is not worth.
            command.add(1, "-XX:TieredStopAtLevel=1");
            command.addAll(settings);
            Path own = Files.createDirectories(directory.resolve(name));
            command.addAll(List.of(
                    "--berth.registry.s3.redirect=" + redirect,
                    "--berth.registry.data-dir=" + own,
                    "--berth.http.platform-key-file=" + runDirectory.resolve("platform.key"),
                    "--berth.http.socket=" + own.resolve("registry.sock"),
                    "--berth.http.port=" + port));
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log(name).toFile()))
                    .start();
        }

        private Path log(String name) {
            return directory.resolve(name + ".log");
        }

        private String key() throws IOException {
            return Files.readString(runDirectory.resolve("platform.key")).strip();
        }
    }

    /** Waits until it answers. */
    void await() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START.toNanos();
        while (!answers()) {
            if (process.waitFor(100, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
                throw new AssertionError(name + " did not start:\n" + Files.readString(launcher.log(name)));
            }
        }
    }

    private boolean answers() {
        try {
            return get("/v2/").statusCode() == 200;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    /** The same one, as another process. */
    StorageProcess again() throws IOException {
        return launcher.start(name, port, redirect);
    }

    HttpResponse<byte[]> get(String path) {
        return send("GET", path, Map.of(), new byte[0]);
    }

    HttpResponse<byte[]> send(String method, String path, Map<String, String> headers, byte[] body) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .timeout(Duration.ofMinutes(1))
                    .header("Berth-Platform-Key", launcher.key())
                    .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
            headers.forEach(request::header);
            return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + path + " of " + name, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Begins an upload and returns its path. */
    String begin(String repository) {
        return URI.create(send("POST", "/v2/" + repository + "/blobs/uploads/", Map.of(), new byte[0])
                        .headers()
                        .firstValue("Location")
                        .orElseThrow())
                .getPath();
    }

    /** Sends a part of the content, and returns the status. */
    int patch(String upload, byte[] content, int from, int to) {
        return send(
                        "PATCH",
                        upload,
                        Map.of("Content-Range", from + "-" + (to - 1), "Content-Type", "application/octet-stream"),
                        Arrays.copyOfRange(content, from, to))
                .statusCode();
    }

    /** Ends an upload, and returns the status. */
    int finish(String upload, String digest) {
        return send("PUT", upload + "?digest=" + digest, Map.of(), new byte[0]).statusCode();
    }

    /** Has it collect ({@code run}) or verify ({@code scrub}), and returns its report. */
    String work(String work) {
        return new String(
                send("POST", "/actuator/collection/" + work, Map.of(), new byte[0])
                        .body(),
                StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
