package io.berth.image.build;

import io.berth.dockerfile.ArgDefinition;
import io.berth.dockerfile.ArgScope;
import io.berth.dockerfile.Dockerfile;
import io.berth.dockerfile.GlobalArgs;
import io.berth.dockerfile.Instruction;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds build arguments that were given in vain: that no ARG has declared, be it of a stage that was not needed, and that mean nothing
 * to the builder itself. Thread-safe.
 */
final class UnusedArguments {
    /** Of the builder's own: {@code BUILDKIT_INLINE_CACHE}, {@code BUILDKIT_SYNTAX} and whatever else clients send. */
    private static final String OWN_PREFIX = "BUILDKIT_";

    private static final Set<String> OWN = Set.of("SOURCE_DATE_EPOCH");

    private final Set<String> asked = ConcurrentHashMap.newKeySet();

    /** A stage is done; its scope knows also what triggers of its base have declared. */
    void stage(ArgScope scope) {
        asked.addAll(scope.consumed());
    }

    /** Sorted. */
    List<String> of(Map<String, String> given, Dockerfile dockerfile, GlobalArgs globals) {
        Set<String> known = new HashSet<>(asked);
        known.addAll(globals.names());
        known.addAll(ArgScope.PROXY_ARGS);
        known.addAll(OWN);
        dockerfile.stages().stream()
                .flatMap(stage -> stage.instructions().stream())
                .filter(Instruction.Arg.class::isInstance)
                .flatMap(arg -> ((Instruction.Arg) arg).definitions().stream())
                .map(ArgDefinition::name)
                .forEach(known::add);
        return given.keySet().stream()
                .filter(name -> !known.contains(name) && !name.startsWith(OWN_PREFIX))
                .sorted()
                .toList();
    }
}
