package io.berth.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips without root, or fails where kernel tests are required. */
final class RootCondition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (isRoot()) {
            return ConditionEvaluationResult.enabled("running as root");
        }
        if ("required".equals(System.getProperty("kernel.tests"))) {
            throw new IllegalStateException("kernel tests are required here and need root");
        }
        return ConditionEvaluationResult.disabled("kernel tests need root");
    }

    private static boolean isRoot() {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.anyMatch(line -> line.startsWith("Uid:\t0\t0\t"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
