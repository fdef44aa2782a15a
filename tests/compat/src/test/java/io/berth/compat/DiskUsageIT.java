package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * {@code docker system df} against du(1) on the data directory, with files of the kinds that are easily counted wrong: sparse
 * ones, several names of one file, files of the image that a container has changed.
 */
@CompatTest
@BerthOnly
class DiskUsageIT {
    private static final Percentage CLOSE = Percentage.withPercentage(1);

    /** The image service's own directories, of which a small image would be less than a hundredfold. */
    private static final List<String> OWN = List.of(
            "content",
            "content/blobs",
            "content/blobs/sha256",
            "content/blobs/sha512",
            "content/ingest",
            "layers",
            "unpack",
            "build-cache",
            "contexts",
            "uploads",
            "empty");

    /** Writes 12 MB, and 200 MB that are not there. */
    private static final String WRITE = "cd %s && dd if=/dev/urandom of=big bs=1M count=6 2>/dev/null && ln big other"
            + " && mkdir deep && ln big deep/third && dd if=/dev/urandom of=deep/more bs=1M count=6 2>/dev/null"
            + " && truncate -s 200M sparse && for i in $(seq 200); do echo $i > deep/$i; done";

    private final Target target;

    DiskUsageIT(Target target) {
        this.target = target;
    }

    @Test
    void dfEqualsDu() {
        DockerCli docker = target.docker();
        // Steps that suites before have left are directories of their own, beside the images.
        docker.ok("builder", "prune", "-af");
        Usage before = Usage.settled(target, usage -> true);

        docker.ok("volume", "create", "du-named");
        String running = docker.ok(
                "run",
                "-d",
                "-v",
                "du-named:/named",
                "-v",
                "/anonymous",
                "--tmpfs",
                "/tmp",
                Target.IMAGE,
                "sleep",
                "1000");
        List<String> removed = new ArrayList<>(List.of(running));
        try {
            for (String place : List.of("/root", "/named", "/anonymous", "/tmp")) {
                docker.ok("exec", running, "sh", "-c", WRITE.formatted(place));
            }
            // Of the image: one file is changed, one gets another name, one goes.
            docker.ok("exec", running, "sh", "-c", "echo >> /etc/passwd && ln /etc/group /etc/other && rm /bin/true");
            String stopped = docker.ok("run", "-d", Target.IMAGE, "sh", "-c", WRITE.formatted("/root"));
            removed.add(stopped);
            docker.ok("wait", stopped);
            docker.ok("commit", running, "du-it:one");

            Usage full = Usage.settled(target, usage -> true);
            assertThat(full.df.path("ContainerUsage").path("TotalSize").asLong()
                            - before.df.path("ContainerUsage").path("TotalSize").asLong())
                    .as("two containers with 12 MB each, what is mounted in them left out")
                    .isBetween(24L << 20, 28L << 20);
            assertThat(full.df.path("VolumeUsage").path("TotalSize").asLong()
                            - before.df.path("VolumeUsage").path("TotalSize").asLong())
                    .isBetween(24L << 20, 28L << 20);
            for (String id : removed) {
                assertThat(Long.parseLong(docker.ok("inspect", "-s", "-f", "{{.SizeRw}}", id)))
                        .as("the size of one container")
                        .isCloseTo(
                                du(target.berth().dataDirectory().resolve("engine/containers/" + id + "/upper")),
                                CLOSE);
            }
        } finally {
            List<String> remove = new ArrayList<>(List.of("rm", "-f", "-v"));
            remove.addAll(removed);
            docker.run(remove.toArray(String[]::new));
            docker.run("volume", "rm", "du-named");
            docker.run("rmi", "du-it:one");
        }
        Usage _ = Usage.settled(target, after -> close(after.total(), before.total()));
    }

    private static boolean close(long number, long other) {
        return Math.abs(number - other) * 100 <= other;
    }

    /** What the engine tells, and what du tells of the same. */
    private record Usage(JsonNode df, long images, long containers, long volumes) {
        static Usage read(Target target) {
            Path data = target.berth().dataDirectory();
            return new Usage(
                    target.http().get("/system/df").json(),
                    du(below(data.resolve("image"), "db")) - themselves(data.resolve("image"), OWN),
                    du(below(data.resolve("engine/containers"), "", "upper")),
                    du(below(data.resolve("engine/volumes"), ".removing", "_data")));
        }

        /** When both tell the same: files of a removed container go after the answer to its removal. */
        static Usage settled(Target target, Predicate<Usage> more) {
            AtomicReference<Usage> last = new AtomicReference<>(read(target));
            Eventually.holds(
                    Duration.ofSeconds(30),
                    () -> {
                        last.set(read(target));
                        return last.get().isClose() && more.test(last.get());
                    },
                    () -> last.get().toString());
            return last.get();
        }

        private boolean isClose() {
            return close(size("ImageUsage"), images)
                    && close(size("ContainerUsage"), containers)
                    && close(size("VolumeUsage"), volumes);
        }

        long total() {
            return images + containers + volumes;
        }

        private long size(String kind) {
            return df.path(kind).path("TotalSize").asLong(-1);
        }
    }

    /** What is in a directory but for one name, or something that is in each of these. */
    private static Path[] below(Path directory, String except, String... deeper) {
        try (var entries = Files.list(directory)) {
            return entries.filter(entry -> !entry.getFileName().toString().equals(except))
                    .map(entry -> deeper.length == 0 ? entry : entry.resolve(deeper[0]))
                    .filter(Files::exists)
                    .toArray(Path[]::new);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** What the service's own directories take without what is in them: they stay as large as they once had to be. */
    private static long themselves(Path root, List<String> directories) {
        long sum = 0;
        for (String directory : directories) {
            try {
                sum += Files.size(root.resolve(directory));
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
        return sum;
    }

    private static long du(Path... paths) {
        if (paths.length == 0) {
            return 0;
        }
        List<String> command = new ArrayList<>(List.of("du", "-sxc", "--block-size=1"));
        for (Path path : paths) {
            command.add(path.toString());
        }
        List<String> lines = Running.run(command, Map.of(), new byte[0], Duration.ofMinutes(1))
                .ok()
                .lines()
                .toList();
        return Long.parseLong(lines.getLast().split("\t")[0]);
    }
}
