package io.berth.linux.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Compilers and assemblers that tests compare with. */
public final class NativeTools {
    private NativeTools() {}

    /** What a tool did. */
    public record Outcome(int exitCode, String output) {}

    /** Skips the test with the reason where a tool is missing, or fails where kernel tests are required. */
    public static void require(String... tools) {
        for (String tool : tools) {
            boolean present = Arrays.stream(System.getenv("PATH").split(":"))
                    .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
            if (!present && "required".equals(System.getProperty("kernel.tests"))) {
                throw new IllegalStateException(tool + " is required here and is not installed");
            }
            Assumptions.assumeTrue(present, tool + " is not installed");
        }
    }

    /** Runs a tool in a directory; its error output goes with its output. */
    public static Outcome run(Path directory, String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(directory, "output", null);
        Process process = new ProcessBuilder(List.of(command))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        process.getOutputStream().close();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("took too long: " + List.of(command));
        }
        return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.ISO_8859_1));
    }

    /** Runs a tool that must succeed and returns its output. */
    public static String succeed(Path directory, String... command) throws IOException, InterruptedException {
        Outcome outcome = run(directory, command);
        if (outcome.exitCode() != 0) {
            throw new IllegalStateException(List.of(command) + " failed: " + outcome);
        }
        return outcome.output();
    }
}
