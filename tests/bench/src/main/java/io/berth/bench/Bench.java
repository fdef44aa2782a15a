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

/**
 * Starts a platform and measures it: {@code berth bench [--quick] [--with-dockerd]}. The launcher script says by environment
 * variables where everything is.
 */
final class Bench {
    private static final Pattern READY = Pattern.compile("services ready in ([\\d.]+) s");
    private static final String IMAGE = "bench/busybox";
    private static final int IDLE_CONTAINERS = 50;
    private static final Duration SETTLE = Duration.ofSeconds(5);

    private final Report report;
    private final Path scratch = directory("BERTH_BENCH_SCRATCH");
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
            if (!List.of("--quick", "--with-dockerd").contains(option)) {
                out.println("bench: unknown option " + option);
                System.exit(2);
            }
        }
        Report report = new Report(out);
        Bench bench = new Bench(report, options.contains("--quick") ? 20 : 200);
        bench.describeHost();
        bench.platform();
        bench.runtimes();
        if (options.contains("--with-dockerd")) {
            bench.dockerd();
        }
        bench.describeLoad("load after");
        report.save(directory("BERTH_BENCH_RESULTS"));
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

    private void platform() throws InterruptedException, IOException {
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
        bench.run(iterations, 50);
        idle(bench);
        memoryOfAll("after the benchmarks");
        Shell.run(List.of(launcher.toString(), "down"));
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
        Path root = scratch.resolve("rootfs");
        Files.createDirectories(root);
        Shell.run(List.of(
                "tar",
                "-C",
                root.toString(),
                "-xf",
                scratch.resolve("rootfs.tar").toString()));
        new RuntimeBench(report, scratch.resolve("runtime"), root).run(iterations);
        PeerRuntimeBench peers = new PeerRuntimeBench(report, scratch, root);
        peers.run("crun", iterations);
        peers.run("runc", iterations);
    }

    private void dockerd() throws InterruptedException {
        if (!Shell.has("dockerd")) {
            report.remark("dockerd is not installed and is left out");
            return;
        }
        try (ReferenceDaemon daemon = ReferenceDaemon.start(scratch)) {
            try (ApiClient api = new ApiClient(daemon.socket())) {
                api.importImage(scratch.resolve("rootfs.tar"), IMAGE, "latest");
            }
            new ApiBench(report, "dockerd", daemon.socket(), IMAGE + ":latest").run(iterations, 50);
        }
    }
}
