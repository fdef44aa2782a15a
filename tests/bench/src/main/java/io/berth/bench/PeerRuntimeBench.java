package io.berth.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code crun run} and {@code runc run} of {@code /bin/true} on the same root file system: the runtime's own default bundle
 * (namespaces, masked paths, capabilities) with the memory limit that the other measurements have. It mounts no overlay and
 * loads no seccomp filter, which favours the peer.
 */
final class PeerRuntimeBench {
    private static final int WARM_UP = 5;

    private final Report report;
    private final Path scratch;
    private final Path rootFileSystem;

    PeerRuntimeBench(Report report, Path scratch, Path rootFileSystem) {
        this.report = report;
        this.scratch = scratch;
        this.rootFileSystem = rootFileSystem;
    }

    void run(String runtime, int iterations) {
        if (!Shell.has(runtime)) {
            report.remark(runtime + " is not installed and is left out");
            return;
        }
        Path bundle = scratch.resolve("bundle-" + runtime);
        try {
            Files.createDirectories(bundle);
            Files.deleteIfExists(bundle.resolve("config.json"));
            Shell.run(List.of("sh", "-c", "cd " + bundle + " && " + runtime + " spec"));
            adapt(bundle.resolve("config.json"), runtime);
            Path script = scratch.resolve("loop-" + runtime + ".sh");
            Files.writeString(script, loop(runtime, bundle, iterations));
            // crun refuses a host with both cgroup versions: in a mount namespace of its own the empty second one goes.
            String output = Shell.run(List.of("unshare", "--mount", "--", "bash", script.toString()));
            Samples samples = new Samples();
            for (String line : output.lines().toList()) {
                if (line.startsWith("took ")) {
                    samples.add(Long.parseLong(line.substring(5)) * 1000);
                }
            }
            if (samples.count() != iterations) {
                throw new IllegalStateException(runtime + " failed:\n" + output);
            }
            report.samples(runtime, "run /bin/true: whole container", samples);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void adapt(Path config, String runtime) throws IOException {
        JsonMapper json = new JsonMapper();
        ObjectNode spec = (ObjectNode) json.readTree(Files.readString(config));
        ObjectNode process = (ObjectNode) spec.get("process");
        process.put("terminal", false);
        ArrayNode arguments = process.putArray("args");
        arguments.add("/bin/true");
        ((ObjectNode) spec.get("root")).put("path", rootFileSystem.toString()).put("readonly", false);
        ObjectNode linux = (ObjectNode) spec.get("linux");
        linux.put("cgroupsPath", "/berth-bench-" + runtime + "/c");
        ObjectNode resources =
                linux.path("resources").isObject() ? (ObjectNode) linux.get("resources") : linux.putObject("resources");
        resources.putObject("memory").put("limit", 64L << 20);
        Files.writeString(config, json.writeValueAsString(spec));
    }

    /** Prints the microseconds of every run; stops at the first that does not exit with 0. */
    private static String loop(String runtime, Path bundle, int iterations) {
        return """
                if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi
                for i in $(seq 1 %d); do
                  began=${EPOCHREALTIME/./}
                  %s --root %s-state run --bundle %s berth-bench-$$-$i </dev/null || exit 1
                  ended=${EPOCHREALTIME/./}
                  test $i -le %d || echo "took $((ended - began))"
                done
                find /sys/fs/cgroup -depth -type d -name 'berth-bench-%s' -exec rmdir {} + 2>/dev/null || true
                """.formatted(iterations + WARM_UP, runtime, bundle, bundle, WARM_UP, runtime);
    }
}
