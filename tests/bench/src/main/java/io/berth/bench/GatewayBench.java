package io.berth.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What it costs to go through the gateway, and through nginx, instead of calling the registry service itself. All three are asked
 * in turn over kept connections of the loopback address, so that the machine's load is the same for each.
 */
final class GatewayBench {
    private static final int WARM_UP = 3_000;
    private static final int BLOB_BYTES = 64 << 20;
    private static final double TICK_MICROS = 10_000;
    private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in");

    private final Report report;
    private final List<Way> ways = new ArrayList<>();

    /**
     * A way to the registry.
     *
     * @param headers of every request, each with its line end
     * @param ticks processor time that the process in between has used, in hundredths of a second; 0 when there is none
     */
    private record Way(String name, int port, String headers, LongSupplier ticks) {}

    GatewayBench(Report report) {
        this.report = report;
    }

    void add(String name, int port, String headers, LongSupplier ticks) {
        ways.add(new Way(name, port, headers, ticks));
    }

    /** Processor time of a process, user and system, in hundredths of a second. */
    static long ticks(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param requests small GETs by each way; blobs are a hundredth of them */
    void run(int requests) throws IOException {
        smallGets(requests);
        blobs(Math.clamp(requests / 500, 3, 20));
        processorTime();
    }

    private void smallGets(int requests) throws IOException {
        List<RegistryConnection> connections = new ArrayList<>();
        List<Samples> samples = new ArrayList<>();
        for (Way way : ways) {
            connections.add(new RegistryConnection(way.port, way.headers));
            samples.add(new Samples());
        }
        for (int i = -WARM_UP; i < requests; i++) {
            for (int way = 0; way < ways.size(); way++) {
                long start = System.nanoTime();
                var _ = connections.get(way).send("GET", "/v2/", "", new byte[0], 200);
                if (i >= 0) {
                    samples.get(way).add(System.nanoTime() - start);
                }
            }
        }
        for (int way = 0; way < ways.size(); way++) {
            connections.get(way).close();
            report.samples(ways.get(way).name, "small GET", samples.get(way));
        }
        for (int way = 1; way < ways.size(); way++) {
            report.fact(ways.get(way).name, "added to a small GET, at the minimum", added(samples, way, 0), "us");
            report.fact(ways.get(way).name, "added to a small GET, at the median", added(samples, way, 0.5), "us");
            report.fact(ways.get(way).name, "added to a small GET, at p99", added(samples, way, 0.99), "us");
        }
    }

    private static double added(List<Samples> samples, int way, double part) {
        return 1000
                * (samples.get(way).quantileMillis(part) - samples.getFirst().quantileMillis(part));
    }

    private void blobs(int times) throws IOException {
        byte[] piece = new byte[1 << 20];
        String path = "/v2/bench/gateway/blobs/" + digestOfZeros();
        Way direct = ways.getFirst();
        try (RegistryConnection connection = new RegistryConnection(direct.port, direct.headers)) {
            var _ = connection.send(
                    "POST",
                    "/v2/bench/gateway/blobs/uploads/?digest=" + digestOfZeros(),
                    "application/octet-stream",
                    piece,
                    BLOB_BYTES,
                    201);
        }
        List<Samples> samples = new ArrayList<>();
        ways.forEach(_ -> samples.add(new Samples()));
        for (int i = -2; i < times; i++) {
            for (int way = 0; way < ways.size(); way++) {
                try (RegistryConnection connection =
                        new RegistryConnection(ways.get(way).port, ways.get(way).headers)) {
                    long start = System.nanoTime();
                    var _ = connection.send("GET", path, "", new byte[0], 200);
                    if (i >= 0) {
                        samples.get(way).add(System.nanoTime() - start);
                    }
                }
            }
        }
        for (int way = 0; way < ways.size(); way++) {
            report.samples(ways.get(way).name, "GET of a blob of 64 MiB", samples.get(way));
            report.fact(
                    ways.get(way).name,
                    "speed of a blob beside the direct way (of the minima)",
                    100
                            * samples.getFirst().quantileMillis(0)
                            / samples.get(way).quantileMillis(0),
                    "%");
        }
    }

    /** Of the process in between, for each request of a load that keeps it busy. */
    private void processorTime() {
        for (Way way : ways) {
            if (way.ticks.getAsLong() == 0) {
                continue;
            }
            double least = Double.MAX_VALUE;
            for (int round = 0; round < 3; round++) {
                long before = way.ticks.getAsLong();
                long requests = load(way, 4);
                least = Math.min(least, (way.ticks.getAsLong() - before) * TICK_MICROS / requests);
            }
            report.fact(way.name, "processor time of each small GET (least of 3 loads)", least, "us");
        }
    }

    private static long load(Way way, int seconds) {
        List<String> command = new ArrayList<>(List.of("wrk", "-t1", "-c16", "-d" + seconds + "s"));
        for (String header : way.headers.split("\r\n")) {
            if (!header.isEmpty()) {
                command.addAll(List.of("-H", header));
            }
        }
        command.add("http://127.0.0.1:" + way.port + "/v2/");
        Matcher said = REQUESTS.matcher(Shell.run(command));
        if (!said.find()) {
            throw new IllegalStateException("wrk did not say how many requests it made");
        }
        return Long.parseLong(said.group(1));
    }

    private static String digestOfZeros() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] piece = new byte[1 << 20];
            for (int i = 0; i < BLOB_BYTES; i += piece.length) {
                digest.update(piece);
            }
            return "sha256:" + HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** nginx as a reverse proxy of the registry's Unix socket, with kept connections on both sides and one worker. */
    static final class Nginx implements AutoCloseable {
        private final Process process;

        private Nginx(Process process) {
            this.process = process;
        }

        static Nginx start(Path scratch, int port, Path socket, String key) throws IOException, InterruptedException {
            Path home = Files.createDirectories(scratch.resolve("nginx"));
            Path configuration = Files.writeString(
                    home.resolve("nginx.conf"), """
                            worker_processes 1;
                            daemon off;
                            pid %1$s/pid;
                            error_log %1$s/error.log;
                            user root;
                            events { worker_connections 1024; }
                            http {
                              access_log off;
                              client_body_temp_path %1$s/body;
                              proxy_temp_path %1$s/proxy;
                              fastcgi_temp_path %1$s/fastcgi;
                              uwsgi_temp_path %1$s/uwsgi;
                              scgi_temp_path %1$s/scgi;
                              keepalive_requests 100000000;
                              upstream registry { server unix:%2$s; keepalive 32; keepalive_requests 100000000; }
                              server {
                                listen 127.0.0.1:%3$d;
                                location / {
                                  proxy_pass http://registry;
                                  proxy_http_version 1.1;
                                  proxy_buffering off;
                                  proxy_set_header Connection "";
                                  proxy_set_header Host $http_host;
                                  proxy_set_header Berth-Platform-Key %4$s;
                                }
                              }
                            }
                            """.formatted(home, socket, port, key), StandardCharsets.UTF_8);
            Process process = new ProcessBuilder(List.of("nginx", "-c", configuration.toString()))
                    .redirectErrorStream(true)
                    .redirectOutput(home.resolve("log").toFile())
                    .start();
            Nginx nginx = new Nginx(process);
            for (int i = 0; i < 100; i++) {
                try (RegistryConnection connection = new RegistryConnection(port, "")) {
                    var _ = connection.send("GET", "/v2/", "", new byte[0], 200);
                    return nginx;
                } catch (IOException notYet) {
                    Thread.sleep(50);
                }
            }
            nginx.close();
            throw new IllegalStateException("nginx did not start:\n" + Files.readString(home.resolve("log")));
        }

        /** Of the master and its worker. */
        long ticks() {
            return GatewayBench.ticks(process.pid())
                    + process.descendants()
                            .mapToLong(worker -> GatewayBench.ticks(worker.pid()))
                            .sum();
        }

        @Override
        public void close() {
            process.destroy();
        }
    }
}
