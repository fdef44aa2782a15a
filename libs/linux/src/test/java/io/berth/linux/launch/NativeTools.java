package io.berth.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
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

    /**
     * Compares numbers with what the C compiler of this machine says.
     *
     * @param headers as in {@code <sys/epoll.h>}, or declarations
     * @param expected values by C expression
     */
    public static void compareWithC(Path directory, List<String> headers, Map<String, Long> expected)
            throws IOException, InterruptedException {
        require("gcc");
        StringBuilder source = new StringBuilder("#define _GNU_SOURCE\n#include <stddef.h>\n#include <stdio.h>\n");
        headers.forEach(header -> source.append(header.startsWith("<") ? "#include " : "")
                .append(header)
                .append('\n'));
        source.append("int main(void) {\n");
        expected.keySet()
                .forEach(expression -> source.append("printf(\"%lld %s\\n\", (long long)(")
                        .append(expression)
                        .append("), \"")
                        .append(expression)
                        .append("\");\n"));
        source.append("return 0; }\n");
        Files.writeString(directory.resolve("layout.c"), source);
        succeed(directory, "gcc", "-o", "layout", "layout.c");
        String wanted = expected.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey() + "\n")
                .collect(Collectors.joining());
        assertThat(succeed(directory, "./layout")).isEqualTo(wanted);
    }
}
