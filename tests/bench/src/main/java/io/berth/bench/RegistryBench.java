package io.berth.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The registry beside Debian's docker-registry, both asked directly on the loopback address. They take turns, several times, and the
 * best turn of each counts; Berth answers with 100,000 tags in the repository and 10,000 repositories, the peer with one.
 */
final class RegistryBench {
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final String OCTETS = "application/octet-stream";
    private static final String NAME = "bench/registry";
    private static final int MIB = 1024 * 1024;
    private static final long LARGE = 500L * MIB;
    private static final int TAGS = 100_000;
    private static final int TAGS_AT_ONCE = 200;
    private static final int REPOSITORIES = 10_000;
    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([\\d.]+)");
    private static final Pattern P99 = Pattern.compile("99%\\s+([\\d.]+)(us|ms|s)");
    private static final Pattern FAILED = Pattern.compile("Non-2xx|Socket errors");
    private static final Pattern NEXT = Pattern.compile("<(.*)>; rel=\"next\"");
    private static final byte[] NOTHING = new byte[0];

    private final Report report;
    private final int rounds;
    private final List<Subject> subjects = new ArrayList<>();

    /** A registry that is measured, and its best turns. */
    private static final class Subject {
        private final String name;
        private final int port;
        private final String header;
        private final long pid;
        private double rate;
        private double p99Millis = Double.MAX_VALUE;
        private double getMiB;
        private double getLarge;
        private double pushMiB;
        private double pushLarge;
        private Samples gets = new Samples();
        private Samples pushes = new Samples();
        private double pushCpu = Double.MAX_VALUE;
        private double getCpu = Double.MAX_VALUE;

        Subject(String name, int port, String header, long pid) {
            this.name = name;
            this.port = port;
            this.header = header;
            this.pid = pid;
        }

        RegistryConnection connect() throws IOException {
            return new RegistryConnection(port, header.isEmpty() ? "" : header + "\r\n");
        }
    }

    RegistryBench(Report report, int rounds) {
        this.report = report;
        this.rounds = rounds;
    }

    /** @param header of every request, as {@code Name: value}, or empty */
    void add(String name, int port, String header, long pid) {
        subjects.add(new Subject(name, port, header, pid));
    }

    void run() throws IOException {
        byte[] large = new byte[MIB];
        new Random(1).nextBytes(large);
        String largeDigest = digest(large, LARGE);
        for (Subject subject : subjects) {
            push(subject, largeDigest, large, LARGE);
            push(subject, digest(large, MIB), large, MIB);
            manifest(subject, largeDigest);
        }
        fill(subjects.getFirst());
        for (int round = 0; round <= rounds; round++) {
            boolean counts = round > 0; // the first one warms up
            for (Subject subject : subjects) {
                manifests(subject, counts);
                blobs(subject, digest(large, MIB), counts);
                largeBlob(subject, largeDigest, counts);
                pushes(subject, round, counts);
                largePush(subject, round, counts);
            }
        }
        subjects.forEach(this::report);
        if (subjects.size() > 1) {
            ratios(subjects.get(0), subjects.get(1));
        }
        lists(subjects.getFirst());
    }

    private void report(Subject subject) {
        report.fact(subject.name, "manifest GET, best of " + rounds, subject.rate, "/s");
        report.fact(subject.name, "manifest GET, p99, best", subject.p99Millis, "ms");
        report.fact(subject.name, "1 MiB blob GET", subject.getMiB, "MiB/s");
        report.samples(subject.name, "1 MiB blob GET", subject.gets);
        report.fact(subject.name, "500 MiB blob GET", subject.getLarge, "MiB/s");
        report.fact(subject.name, "500 MiB blob GET, processor time", subject.getCpu, "s");
        report.fact(subject.name, "1 MiB blob push", subject.pushMiB, "MiB/s");
        report.samples(subject.name, "1 MiB blob push", subject.pushes);
        report.fact(subject.name, "500 MiB blob push", subject.pushLarge, "MiB/s");
        report.fact(subject.name, "500 MiB blob push, processor time", subject.pushCpu, "s");
    }

    private void ratios(Subject first, Subject second) {
        String both = first.name + " / " + second.name;
        report.fact(both, "manifest GET, ratio", first.rate / second.rate, "");
        report.fact(both, "manifest GET, p99, ratio", first.p99Millis / second.p99Millis, "");
        report.fact(both, "1 MiB blob GET, ratio", first.getMiB / second.getMiB, "");
        report.fact(both, "500 MiB blob GET, ratio", first.getLarge / second.getLarge, "");
        report.fact(both, "1 MiB blob push, ratio", first.pushMiB / second.pushMiB, "");
        report.fact(both, "500 MiB blob push, ratio", first.pushLarge / second.pushLarge, "");
    }

    private static void push(Subject subject, String digest, byte[] part, long length) throws IOException {
        try (RegistryConnection connection = subject.connect()) {
            push(connection, digest, part, length);
        }
    }

    /** As most clients do it: a session, then everything in one request. */
    private static void push(RegistryConnection connection, String digest, byte[] part, long length)
            throws IOException {
        String location = Objects.requireNonNull(connection
                .send("POST", "/v2/" + NAME + "/blobs/uploads/", "", NOTHING, 202)
                .headers()
                .get("location"));
        String path = location.substring(location.indexOf("/v2/"));
        String query = (path.contains("?") ? "&" : "?") + "digest=" + digest;
        connection.send("PUT", path + query, OCTETS, part, length, 201);
    }

    private static void manifest(Subject subject, String layer) throws IOException {
        byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
        push(subject, digest(config, config.length), config, config.length);
        try (RegistryConnection connection = subject.connect()) {
            connection.send("PUT", "/v2/" + NAME + "/manifests/latest", MANIFEST, manifestOf(config, layer), 201);
        }
    }

    private static byte[] manifestOf(byte[] config, String layer) {
        return ("{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"config\":{\"mediaType\":"
                        + "\"application/vnd.oci.image.config.v1+json\",\"digest\":\"" + digest(config, config.length)
                        + "\",\"size\":" + config.length + "},\"layers\":[{\"mediaType\":"
                        + "\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"" + layer + "\",\"size\":" + LARGE
                        + "}]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Many tags in the repository that is measured, and many repositories. */
    private void fill(Subject subject) throws IOException {
        byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
        byte[] large = new byte[MIB];
        new Random(1).nextBytes(large);
        byte[] manifest = manifestOf(config, digest(large, LARGE));
        String digest = digest(manifest, manifest.length);
        long began = System.nanoTime();
        try (RegistryConnection connection = subject.connect()) {
            for (int i = 0; i < TAGS; i += TAGS_AT_ONCE) {
                StringBuilder query = new StringBuilder("?");
                for (int tag = i; tag < i + TAGS_AT_ONCE; tag++) {
                    query.append("tag=t").append(1_000_000 + tag).append('&');
                }
                connection.send("PUT", "/v2/" + NAME + "/manifests/" + digest + query, MANIFEST, manifest, 201);
            }
            report.fact(subject.name, TAGS + " tags pushed after", seconds(began), "s");
            began = System.nanoTime();
            for (int i = 0; i < REPOSITORIES; i++) {
                connection.send(
                        "POST",
                        "/v2/bench/r" + i + "/blobs/uploads/?mount=" + digest(config, config.length) + "&from=" + NAME,
                        "",
                        NOTHING,
                        201);
            }
        }
        report.fact(subject.name, REPOSITORIES + " repositories made after", seconds(began), "s");
    }

    private void manifests(Subject subject, boolean counts) {
        List<String> command =
                new ArrayList<>(List.of("wrk", "-t1", "-c16", "-d4s", "--latency", "-H", "Accept: " + MANIFEST));
        if (!subject.header.isEmpty()) {
            command.addAll(List.of("-H", subject.header));
        }
        command.add("http://127.0.0.1:" + subject.port + "/v2/" + NAME + "/manifests/latest");
        String said = Shell.run(command);
        Matcher rate = RATE.matcher(said);
        Matcher p99 = P99.matcher(said);
        if (!rate.find() || !p99.find() || FAILED.matcher(said).find()) {
            throw new IllegalStateException(subject.name + " does not answer as it should:\n" + said);
        }
        if (counts) {
            subject.rate = Math.max(subject.rate, Double.parseDouble(rate.group(1)));
            double millis = Double.parseDouble(p99.group(1))
                    * switch (p99.group(2)) {
                        case "us" -> 0.001;
                        case "ms" -> 1;
                        default -> 1000;
                    };
            subject.p99Millis = Math.min(subject.p99Millis, millis);
        }
    }

    private static void blobs(Subject subject, String digest, boolean counts) throws IOException {
        int times = 200;
        try (RegistryConnection connection = subject.connect()) {
            long began = System.nanoTime();
            for (int i = 0; i < times; i++) {
                long each = System.nanoTime();
                get(connection, digest);
                if (counts) {
                    subject.gets.add(System.nanoTime() - each);
                }
            }
            if (counts) {
                subject.getMiB = Math.max(subject.getMiB, times / seconds(began));
            }
        }
    }

    private static void largeBlob(Subject subject, String digest, boolean counts) throws IOException {
        try (RegistryConnection connection = subject.connect()) {
            double cpu = processorSeconds(subject.pid);
            long began = System.nanoTime();
            get(connection, digest);
            if (counts) {
                subject.getLarge = Math.max(subject.getLarge, LARGE / MIB / seconds(began));
                subject.getCpu = Math.min(subject.getCpu, processorSeconds(subject.pid) - cpu);
            }
        }
    }

    private static void get(RegistryConnection connection, String digest) throws IOException {
        connection.send("GET", "/v2/" + NAME + "/blobs/" + digest, "", NOTHING, 200);
    }

    private static void pushes(Subject subject, int round, boolean counts) throws IOException {
        int times = 40;
        byte[] content = new byte[MIB];
        try (RegistryConnection connection = subject.connect()) {
            long spent = 0;
            for (int i = 0; i < times; i++) {
                new Random(round * 1000L + i).nextBytes(content);
                String digest = digest(content, MIB);
                long each = System.nanoTime();
                push(connection, digest, content, MIB);
                long took = System.nanoTime() - each;
                spent += took;
                if (counts) {
                    subject.pushes.add(took);
                }
            }
            if (counts) {
                subject.pushMiB = Math.max(subject.pushMiB, times * 1e9 / spent);
            }
        }
    }

    private static void largePush(Subject subject, int round, boolean counts) throws IOException {
        byte[] part = new byte[MIB];
        new Random(1000 + round).nextBytes(part);
        String digest = digest(part, LARGE);
        try (RegistryConnection connection = subject.connect()) {
            double cpu = processorSeconds(subject.pid);
            long began = System.nanoTime();
            push(connection, digest, part, LARGE);
            if (counts) {
                subject.pushLarge = Math.max(subject.pushLarge, LARGE / MIB / seconds(began));
                subject.pushCpu = Math.min(subject.pushCpu, processorSeconds(subject.pid) - cpu);
            }
            connection.send("DELETE", "/v2/" + NAME + "/blobs/" + digest, "", NOTHING, 202);
        }
    }

    /** Lists everything, page by page, and looks at what that leaves on the heap. */
    private void lists(Subject subject) throws IOException {
        for (String path : List.of("/v2/" + NAME + "/tags/list", "/v2/_catalog")) {
            long before = ServiceMemory.of(subject.pid).heapBytes();
            long residentBefore = ServiceMemory.residentBytes(subject.pid);
            long began = System.nanoTime();
            int pages = 0;
            try (RegistryConnection connection = subject.connect()) {
                for (String next = path; !next.isEmpty(); pages++) {
                    Matcher link = NEXT.matcher(connection
                            .send("GET", next, "", NOTHING, 200)
                            .headers()
                            .getOrDefault("link", ""));
                    next = link.matches() ? link.group(1) : "";
                }
            }
            report.fact(subject.name, path + ", all " + pages + " pages", seconds(began) * 1000, "ms");
            report.fact(
                    subject.name,
                    path + ", growth of the heap",
                    (ServiceMemory.of(subject.pid).heapBytes() - before) / 1048576.0,
                    "MB");
            report.fact(
                    subject.name,
                    path + ", growth of resident memory",
                    (ServiceMemory.residentBytes(subject.pid) - residentBefore) / 1048576.0,
                    "MB");
        }
    }

    private static double seconds(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    /** User and system time that a process has used so far. */
    private static double processorSeconds(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / (double) TimeUnit.SECONDS.toMillis(1) * 10;
    }

    /** Digest of some bytes repeated until there are {@code length}. */
    private static String digest(byte[] part, long length) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (long left = length; left > 0; left -= part.length) {
                digest.update(part, 0, (int) Math.min(left, part.length));
            }
            return "sha256:" + HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
