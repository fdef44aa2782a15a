package io.berth.compat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One directory of {@code dockerfiles}: a context with its Dockerfile, and beside it
 *
 * <ul>
 *   <li>{@code build.args}: arguments of {@code docker build}, one a line; {@code --buildkit} alone asks for BuildKit instead of the
 *       engine's own builder
 *   <li>{@code prepare.sh}: makes what a checkout may not keep, such as links, in a copy of the context
 *   <li>{@code expected.json}: what the reference made of it
 * </ul>
 */
record DockerfileCase(Path directory) {
    private static final Set<String> OWN_FILES = Set.of("build.args", "prepare.sh", "expected.json");

    static List<DockerfileCase> all(Path root) {
        try (Stream<Path> directories = Files.list(root)) {
            return directories
                    .filter(Files::isDirectory)
                    .sorted()
                    .map(DockerfileCase::new)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String name() {
        return directory.getFileName().toString();
    }

    Path expected() {
        return directory.resolve("expected.json");
    }

    private List<String> lines() {
        Path file = directory.resolve("build.args");
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean needsBuildKit() {
        return lines().contains("--buildkit");
    }

    List<String> arguments() {
        List<String> arguments = new ArrayList<>(lines());
        arguments.remove("--buildkit");
        return arguments;
    }

    /** Copies the context to an empty directory, with modes that do not depend on how it was checked out. */
    void copyContext(Path to) {
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path from, BasicFileAttributes attributes) throws IOException {
                    Path copy = to.resolve(directory.relativize(from).toString());
                    Files.createDirectories(copy);
                    Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path from, BasicFileAttributes attributes) throws IOException {
                    String path = directory.relativize(from).toString();
                    if (!OWN_FILES.contains(path)) {
                        Path copy = Files.copy(from, to.resolve(path));
                        boolean executable = Files.isExecutable(from);
                        Files.setPosixFilePermissions(
                                copy, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
            Path prepare = directory.resolve("prepare.sh");
            if (Files.exists(prepare)) {
                Running.run(
                                List.of(
                                        "bash",
                                        "-ec",
                                        "umask 022; cd \"$0\"; . \"$1\"",
                                        to.toString(),
                                        prepare.toString()),
                                Map.of("LC_ALL", "C.UTF-8"),
                                new byte[0],
                                java.time.Duration.ofSeconds(20))
                        .ok();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
