package io.berth.compat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The stock {@code buildah}, with a storage of its own that holds nothing but what it is given. */
final class Buildah implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final List<String> inNamespace;
    private final Path storage;

    private Buildah(List<String> inNamespace, Path storage) {
        this.inNamespace = List.copyOf(inNamespace);
        this.storage = storage;
    }

    /**
     * Opens one.
     *
     * @param target in whose network namespace commands run
     * @param images of the target's that it gets
     */
    static Buildah open(Target target, String... images) throws IOException {
        Buildah buildah = new Buildah(target.inNamespace(), Files.createTempDirectory("berth-buildah"));
        for (String image : images) {
            Path archive = buildah.storage.resolve("taken.tar");
            target.docker().ok("save", "-o", archive.toString(), image);
            buildah.run("pull", "-q", "docker-archive:" + archive).ok();
            Files.delete(archive);
        }
        return buildah;
    }

    /** Starts to build a context's Dockerfile; commands run in the target's network namespace. */
    Running build(Path context, String name, String... options) {
        // Without limits of our own it takes the defaults, which are more than a service or a container may have.
        List<String> command = new ArrayList<>(List.of(
                "bud",
                "--isolation",
                "chroot",
                "--network",
                "host",
                "--no-cache",
                "--layers",
                "-t",
                name,
                "--ulimit",
                "nproc=4096:4096",
                "--ulimit",
                "nofile=1024:1024"));
        command.addAll(List.of(options));
        command.add(context.toString());
        return Running.start(command(command), Map.of());
    }

    /** The files of one of its images. */
    SavedImage saved(String name) throws IOException {
        Path archive = storage.resolve("saved.tar");
        run("push", "-q", name, "docker-archive:" + archive + ":saved:1").ok();
        try {
            return SavedImage.read(archive);
        } finally {
            Files.delete(archive);
        }
    }

    Outcome run(String... arguments) {
        return Running.run(command(List.of(arguments)), Map.of(), new byte[0], TIMEOUT);
    }

    private List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>(inNamespace);
        command.addAll(List.of("buildah", "--root", storage + "/root", "--runroot", storage + "/run"));
        command.addAll(List.of("--storage-driver", "overlay"));
        command.addAll(arguments);
        return command;
    }

    /** Removes everything, also what a command that was killed has mounted. */
    @Override
    public void close() {
        String script = """
                grep -oE " $0/[^ ]+ " /proc/self/mounts | sort -r | xargs -r umount -l
                rm -rf --one-file-system "$0"
                """;
        Running.run(List.of("sh", "-c", script, storage.toString()), Map.of(), new byte[0], TIMEOUT)
                .ok();
    }
}
