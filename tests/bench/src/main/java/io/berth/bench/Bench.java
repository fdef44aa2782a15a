package io.berth.bench;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Starts a platform and measures it: {@code berth bench [--quick] [--with-dockerd] [--builds | --edit | --images | --compose |
 * --containers | --ports | --dns | --registry | --gateway]}. The launcher script says by environment variables where everything is.
 */
final class Bench {
    private static final Pattern READY = Pattern.compile("services ready in ([\\d.]+) s");
    private static final String IMAGE = "bench/busybox";
    private static final int REGISTRY_PORT = 5100;
    private static final int IDLE_CONTAINERS = 50;

    /** Containers one after another, and four at a time, whose rate is told. */
    private static final int BATCH = 100;

    private static final int LOOKUPS_PER_ITERATION = 1000;
    private static final Duration SETTLE = Duration.ofSeconds(5);

    private final Report report;
    private final Path scratch = directory("BERTH_BENCH_SCRATCH");
    private final Path root = scratch.resolve("rootfs");
    private final Path launcher = directory("BERTH_LAUNCHER");
    private final Path runDirectory = directory("BERTH_RUN_DIR");
    private final int iterations;

    private Bench(Report report, int iterations) {
        this.report = report;
        this.iterations = iterations;
    }

    public static void main(String[] arguments) throws InterruptedException, IOException {
        List<String> options = List.of(arguments);
        PrintWriter out = new PrintWriter(
                new OutputStreamWriter(new FileOutputStream(FileDescriptor.out), StandardCharsets.UTF_8), true);
        for (String option : options) {
            if (!List.of(
                            "--quick",
                            "--with-dockerd",
                            "--builds",
                            "--edit",
                            "--images",
                            "--compose",
                            "--containers",
                            "--ports",
                            "--dns",
                            "--registry",
                            "--gateway")
                    .contains(option)) {
                out.println("bench: unknown option " + option);
                System.exit(2);
            }
        }
        Report report = new Report(out);
        Bench bench = new Bench(report, options.contains("--quick") ? 20 : 200);
        bench.describeHost();
        boolean peer = options.contains("--with-dockerd") && bench.hasDockerd();
        bench.extractRoot();
        if (options.contains("--builds")) {
            bench.part(peer, bench::builds);
        } else if (options.contains("--edit")) {
            bench.part(peer, bench::edit);
        } else if (options.contains("--images")) {
            bench.part(peer, bench::images);
        } else if (options.contains("--compose")) {
            bench.part(peer, bench::compose);
        } else if (options.contains("--containers")) {
            bench.part(peer, bench::containers);
        } else if (options.contains("--ports")) {
            bench.part(peer, bench::publishedPorts);
        } else if (options.contains("--dns")) {
            bench.part(peer, bench::names);
        } else if (options.contains("--registry")) {
            bench.registry();
        } else if (options.contains("--gateway")) {
            bench.gateway();
        } else {
            bench.everything(peer);
        }
        bench.describeLoad("load after");
        report.save(directory("BERTH_BENCH_RESULTS"));
    }

    private void everything(boolean peer) throws InterruptedException, IOException {
        platform(peer);
        runtimes();
        new DnsBench(report).run(iterations * LOOKUPS_PER_ITERATION);
        if (peer) {
            dockerd();
        }
    }

    /** Something that is measured on Berth, and on dockerd beside it where that is there. */
    @FunctionalInterface
    private interface Part {
        void run(Path socket, @Nullable ReferenceDaemon peer) throws IOException, InterruptedException;
    }

    private void part(boolean peer, Part part) throws IOException, InterruptedException {
        String _ = Shell.run(List.of(launcher.toString(), "up", "--no-build"));
        Path socket = runDirectory.resolve("docker.sock");
        try (ApiClient api = new ApiClient(socket)) {
            api.importImage(scratch.resolve("rootfs.tar"), IMAGE, "latest");
        }
        if (peer) {
            try (ReferenceDaemon daemon = ReferenceDaemon.start(scratch)) {
                try (ApiClient api = new ApiClient(daemon.socket())) {
                    api.importImage(scratch.resolve("rootfs.tar"), IMAGE, "latest");
                }
                part.run(socket, daemon);
            }
        } else {
            part.run(socket, null);
        }
        String _ = Shell.run(List.of(launcher.toString(), "down"));
    }

    /** The registry alone, asked directly: it listens on a port for that. Neither it nor its peer asks who calls. */
    private void registry() throws InterruptedException, IOException {
        Shell.run(List.of(
                "env",
                "BERTH_REGISTRY_ACCESS=open",
                "BERTH_REGISTRY_JAVA_OPTS=-Dberth.http.port=" + REGISTRY_PORT,
                launcher.toString(),
                "up",
                "--no-build"));
        String key = Files.readString(runDirectory.resolve("platform.key")).strip();
        RegistryBench registry = new RegistryBench(report, Math.clamp(iterations / 40, 2, 5));
        registry.add("berth registry", REGISTRY_PORT, "Berth-Platform-Key: " + key, pid("registry"));
        if (Shell.has("docker-registry")) {
            try (ReferenceRegistry peer = ReferenceRegistry.start(scratch, REGISTRY_PORT + 1)) {
                registry.add("docker-registry", REGISTRY_PORT + 1, "", peer.pid());
                registry.run();
            }
        } else {
            report.remark("docker-registry is not installed and is left out");
            registry.run();
        }
        Shell.run(List.of(launcher.toString(), "down"));
    }

    /** The gateway, and nginx, in front of the registry, beside the registry itself. Nobody asks who calls. */
    private void gateway() throws InterruptedException, IOException {
        Shell.run(List.of(
                "env",
                "BERTH_REGISTRY_ACCESS=open",
                "BERTH_GATEWAY_ACCESS=open",
                "BERTH_REGISTRY_JAVA_OPTS=-Dberth.http.port=" + REGISTRY_PORT,
                launcher.toString(),
                "up",
                "--no-build"));
        String key = Files.readString(runDirectory.resolve("platform.key")).strip();
        long gateway = pid("gateway");
        GatewayBench bench = new GatewayBench(report);
        bench.add("direct", REGISTRY_PORT, "Berth-Platform-Key: " + key + "\r\n", () -> 0);
        bench.add("gateway", Integer.parseInt(System.getenv("BERTH_PORT")), "", () -> GatewayBench.ticks(gateway));
        if (Shell.has("nginx")) {
            try (GatewayBench.Nginx nginx =
                    GatewayBench.Nginx.start(scratch, REGISTRY_PORT + 1, runDirectory.resolve("registry.sock"), key)) {
                bench.add("nginx", REGISTRY_PORT + 1, "", nginx::ticks);
                bench.run(iterations * 50);
            }
        } else {
            report.remark("nginx is not installed and is left out");
            bench.run(iterations * 50);
        }
        Shell.run(List.of(launcher.toString(), "down"));
    }

    private static Path directory(String variable) {
        return Path.of(
                Objects.requireNonNull(System.getenv(variable), variable + " is not set: start by «berth bench»"));
    }

    private void describeHost() throws IOException {
        report.environment("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        report.environment(
                "kernel",
                Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
        report.environment(
                "cpu",
                Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                                .filter(line -> line.startsWith("model name"))
                                .map(line ->
                                        line.substring(line.indexOf(':') + 1).strip())
                                .findFirst()
                                .orElse("unknown")
                        + " x " + Runtime.getRuntime().availableProcessors());
        report.environment("java", System.getProperty("java.vm.version", "unknown"));
        describeLoad("load before");
    }

    private void describeLoad(String name) throws IOException {
        report.environment(name, Files.readString(Path.of("/proc/loadavg")).strip());
    }

    private void extractRoot() throws IOException {
        Files.createDirectories(root);
        Shell.run(List.of(
                "tar",
                "-C",
                root.toString(),
                "-xf",
                scratch.resolve("rootfs.tar").toString()));
    }

    private void containers(Path socket, @Nullable ReferenceDaemon peer) throws InterruptedException {
        new ApiBench(report, "berth", socket, IMAGE + ":latest").run(iterations, BATCH);
        new NetworkBench(report, "berth", socket, IMAGE + ":latest").run(iterations);
        if (peer != null) {
            new ApiBench(report, "dockerd", peer.socket(), IMAGE + ":latest").runShort(iterations / 5, BATCH);
            new NetworkBench(report, "dockerd", peer.socket(), IMAGE + ":latest").run(iterations / 10);
        }
    }

    /** Of images that have one layer more for each step. */
    private void builds(Path socket, @Nullable ReferenceDaemon peer) throws IOException {
        try (BuildBench builds = buildBench(socket, peer)) {
            builds.run(Math.clamp(iterations / 20, 5, 10));
        }
    }

    private void edit(Path socket, @Nullable ReferenceDaemon peer) throws IOException {
        try (BuildBench builds = buildBench(socket, peer)) {
            builds.edit(Math.clamp(iterations / 20, 3, 10));
        }
    }

    private void compose(Path socket, @Nullable ReferenceDaemon peer) throws IOException {
        ComposeBench compose = new ComposeBench(report, scratch, IMAGE + ":latest");
        compose.add("berth", socket);
        if (peer != null) {
            compose.add("dockerd", peer.socket());
        }
        compose.run(Math.clamp(iterations / 20, 5, 10));
    }

    /** Through a whole platform's network, and of the server alone. */
    private void names(Path socket, @Nullable ReferenceDaemon peer) {
        new DnsBench(report).run(iterations * LOOKUPS_PER_ITERATION);
        containersNames("berth", socket);
        if (peer != null) {
            containersNames("dockerd", peer.socket());
        }
    }

    private void containersNames(String subject, Path socket) {
        try (ApiClient api = new ApiClient(socket)) {
            api.call("POST", "/networks/create", "{\"Name\":\"" + NetworkBench.NAMED + "\"}");
        }
        lookups(subject, socket);
    }

    /** On a network that there is. */
    private void lookups(String subject, Path socket) {
        new DnsBench(report)
                .run(subject, socket, IMAGE + ":latest", NetworkBench.NAMED, iterations * LOOKUPS_PER_ITERATION / 10);
    }

    private BuildBench buildBench(Path socket, @Nullable ReferenceDaemon peer) {
        BuildBench builds = new BuildBench(report, scratch, IMAGE + ":latest");
        builds.addDaemon(BuildBench.BERTH, socket);
        builds.addBuildah(scratch.resolve("rootfs.tar"));
        if (peer != null) {
            builds.addDaemon("dockerd", peer.socket());
        }
        return builds;
    }

    /** @param peer whether dockerd's networks are measured beside Berth's */
    private void platform(boolean peer) throws InterruptedException, IOException {
        String up = Shell.run(List.of(launcher.toString(), "up", "--no-build"));
        Matcher ready = READY.matcher(up);
        if (!ready.find()) {
            throw new IllegalStateException("berth up did not say how long it took:\n" + up);
        }
        report.fact("berth", "services ready after", Double.parseDouble(ready.group(1)), "s");
        Path socket = runDirectory.resolve("docker.sock");
        try (ApiClient api = new ApiClient(socket)) {
            report.remark("image: "
                    + api.importImage(scratch.resolve("rootfs.tar"), IMAGE, "latest")
                            .strip());
        }
        memoryOfAll("after start");
        ApiBench bench = new ApiBench(report, "berth", socket, IMAGE + ":latest");
        bench.run(iterations, BATCH);
        idle(bench);
        memoryOfAll("after the benchmarks");
        networks("berth", socket, iterations);
        if (peer) {
            try (ReferenceDaemon daemon = ReferenceDaemon.start(scratch)) {
                images(socket, daemon);
                try (ApiClient api = new ApiClient(daemon.socket())) {
                    api.importImage(scratch.resolve("rootfs.tar"), IMAGE, "latest");
                }
                networks("dockerd", daemon.socket(), iterations / 5);
                publishedPorts(socket, daemon);
            }
        } else {
            images(socket, null);
            publishedPorts(socket, null);
        }
        Shell.run(List.of(launcher.toString(), "down"));
    }

    private void networks(String subject, Path socket, int starts) throws InterruptedException {
        new NetworkBench(report, subject, socket, IMAGE + ":latest").run(starts);
        lookups(subject, socket);
    }

    private void images(Path socket, @Nullable ReferenceDaemon peer) throws IOException {
        int times = Math.clamp(iterations / 10, 3, 10);
        try (ImageBench images = new ImageBench(report, scratch, root)) {
            images.run("berth", socket, "", times);
            if (peer != null) {
                images.run("dockerd", peer.socket(), peer.namespace(), times);
            }
        }
    }

    private void publishedPorts(Path socket, @Nullable ReferenceDaemon peer) throws IOException {
        try (PublishedPortBench ports = new PublishedPortBench(report)) {
            if (!ports.isPossible()) {
                return;
            }
            Path tar = PublishedPortBench.image(scratch, root);
            ports.add("berth", socket, tar, "/proc/" + ProcessHandle.current().pid() + "/ns/net");
            if (peer != null) {
                ports.add("dockerd", peer.socket(), tar, peer.namespace());
            }
            ports.run(Math.clamp(iterations / 18, 1, 11), 3);
        }
    }

    private void memoryOfAll(String when) throws IOException {
        long sum = 0;
        for (String service : List.of("engine", "image", "registry", "gateway")) {
            long resident = ServiceMemory.residentBytes(pid(service));
            report.fact("berth " + service, "resident memory " + when, resident / 1048576.0, "MB");
            sum += resident;
        }
        report.fact("berth", "resident memory of all services " + when, sum / 1048576.0, "MB");
    }

    private void idle(ApiBench bench) throws IOException, InterruptedException {
        long engine = pid("engine");
        // What the benchmarks before this one left to be cleaned up off the reply path must not count as freed here.
        bench.remove(bench.startIdle(IDLE_CONTAINERS));
        Thread.sleep(SETTLE);
        ServiceMemory before = ServiceMemory.of(engine);
        List<String> ids = bench.startIdle(IDLE_CONTAINERS);
        ServiceMemory after = ServiceMemory.of(engine);
        bench.remove(ids);
        report.fact(
                "berth engine",
                "heap per idle container",
                (after.heapBytes() - before.heapBytes()) / 1024.0 / IDLE_CONTAINERS,
                "kB");
        report.fact(
                "berth engine",
                "resident memory per idle container",
                (after.residentBytes() - before.residentBytes()) / 1024.0 / IDLE_CONTAINERS,
                "kB");
    }

    private long pid(String service) throws IOException {
        return Long.parseLong(
                Files.readString(runDirectory.resolve(service + ".pid")).strip().split(" ")[0]);
    }

    /** Runtimes without a daemon: Berth's own and its peers, on one root file system. */
    private void runtimes() throws IOException {
        new RuntimeBench(report, scratch.resolve("runtime"), root).run(iterations);
        PeerRuntimeBench peers = new PeerRuntimeBench(report, scratch, root);
        peers.run("crun", iterations);
        peers.run("runc", iterations);
    }

    private boolean hasDockerd() {
        boolean there = Shell.has("dockerd");
        if (!there) {
            report.remark("dockerd is not installed and is left out");
        }
        return there;
    }

    private void dockerd() throws InterruptedException {
        try (ReferenceDaemon daemon = ReferenceDaemon.start(scratch)) {
            new ApiBench(report, "dockerd", daemon.socket(), IMAGE + ":latest").runShort(iterations / 5, BATCH);
        }
    }
}
