package io.berth.compat;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Opens the {@link Target} once for all classes, and closes it after the last. */
final class TargetExtension implements ExecutionCondition, ParameterResolver {
    static final String REFERENCE_PROPERTY = "compat.docker.host";

    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(TargetExtension.class);
    private static final List<String> CLIENTS =
            List.of("docker", "skopeo", "busybox", "unshare", "nsenter", "ip", "script", "tar");

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        List<String> missing = new ArrayList<>();
        if (!"root".equals(System.getProperty("user.name"))) {
            missing.add("root");
        }
        for (String client : CLIENTS) {
            if (!onPath(client)) {
                missing.add("the command " + client);
            }
        }
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled("clients and root are there");
        }
        String reason = "needs " + String.join(", ", missing);
        if ("required".equals(System.getProperty("kernel.tests"))) {
            throw new IllegalStateException("compat tests are required here: " + reason);
        }
        return ConditionEvaluationResult.disabled(reason);
    }

    private static boolean onPath(String command) {
        for (String directory :
                Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator)) {
            if (new File(directory, command).canExecute()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Target.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(NAMESPACE)
                .computeIfAbsent(
                        Target.class, key -> Target.open(System.getProperty(REFERENCE_PROPERTY, "")), Target.class);
    }
}
