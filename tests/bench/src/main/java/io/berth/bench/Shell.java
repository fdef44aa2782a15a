package io.berth.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Commands that the benchmarks need around what they measure. */
final class Shell {
    private static final long TIMEOUT_SECONDS = 600;

    private Shell() {}

    /**
     * Runs a command to its end and returns what it printed, errors included.
     *
     * @throws IllegalStateException when it fails or takes ten minutes
     */
    static String run(List<String> command) {
        try {
            Path out = Files.createTempFile("berth-bench", ".out");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectInput(ProcessBuilder.Redirect.from(
                                Path.of("/dev/null").toFile()))
                        .redirectOutput(out.toFile())
                        .start();
                boolean ended = process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
                String text = new String(Files.readAllBytes(out), StandardCharsets.UTF_8);
                if (!ended) {
                    process.destroyForcibly();
                    throw new IllegalStateException("took too long: " + String.join(" ", command) + "\n" + text);
                }
                if (process.exitValue() != 0) {
                    throw new IllegalStateException(
                            "exit code " + process.exitValue() + ": " + String.join(" ", command) + "\n" + text);
                }
                return text;
            } finally {
                Files.deleteIfExists(out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + String.join(" ", command), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Whether there is such a command. */
    static boolean has(String command) {
        return which(command).isPresent();
    }

    /** Where a command is. */
    static Optional<Path> which(String command) {
        String path = System.getenv("PATH");
        for (String directory : (path == null ? "/usr/sbin:/usr/bin:/sbin:/bin" : path).split(":", -1)) {
            Path file = Path.of(directory, command);
            if (Files.isExecutable(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }
}
