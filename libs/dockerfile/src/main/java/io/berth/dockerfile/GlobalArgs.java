package io.berth.dockerfile;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The arguments before the first FROM, and the automatic ones: what FROM can see and what an ARG without default in a stage takes over.
 * Immutable.
 */
public final class GlobalArgs implements Variables {
    private final Map<String, String> automatic;
    private final Map<String, String> values;
    private final Set<String> declared;

    private GlobalArgs(Map<String, String> automatic, Map<String, String> values, Set<String> declared) {
        this.automatic = automatic;
        this.values = values;
        this.declared = declared;
    }

    /**
     * Evaluates them in order; a default can use those before it.
     *
     * @param automatic such as {@link #automatic}; a build argument of the same name overrides one
     * @param buildArgs given for the build; they override defaults
     * @throws DockerfileException for a default that cannot be expanded, and when all are too large, with the lines
     */
    public static GlobalArgs evaluate(
            Map<String, String> automatic,
            List<Instruction.Arg> definitions,
            Map<String, String> buildArgs,
            Expansion expansion) {
        Map<String, String> first = new LinkedHashMap<>(automatic);
        first.replaceAll((name, value) -> buildArgs.getOrDefault(name, value));
        Map<String, String> values = new LinkedHashMap<>(first);
        Variables known = view(values);
        long size = 0;
        Set<String> declared = new java.util.LinkedHashSet<>();
        for (Instruction.Arg arg : definitions) {
            for (ArgDefinition definition : arg.definitions()) {
                declared.add(definition.name());
                String value = buildArgs.get(definition.name());
                String byDefault = definition.defaultValue();
                if (value == null && byDefault != null) {
                    try {
                        value = expansion.word(byDefault, known).text();
                    } catch (DockerfileException e) {
                        throw e.at(arg.lines());
                    }
                }
                if (value != null) {
                    size += definition.name().length() + value.length();
                    if (size > ArgScope.MAX_SIZE) {
                        throw new DockerfileException("arguments are too large").at(arg.lines());
                    }
                    values.put(definition.name(), value);
                }
            }
        }
        return new GlobalArgs(
                Collections.unmodifiableMap(first),
                Collections.unmodifiableMap(values),
                Collections.unmodifiableSet(declared));
    }

    /** What a map has, whenever it is asked: a copy for each argument would take the square of their number. */
    private static Variables view(Map<String, String> values) {
        return new Variables() {
            @Override
            public @Nullable String value(String name) {
                return values.get(name);
            }

            @Override
            public Set<String> names() {
                return values.keySet();
            }
        };
    }

    /**
     * TARGETPLATFORM, TARGETOS, TARGETOSVERSION, TARGETARCH, TARGETVARIANT, their BUILD counterparts and TARGETSTAGE.
     *
     * @param targetPlatform {@code os/arch[/variant]}
     * @param buildPlatform {@code os/arch[/variant]}
     * @param targetStage the name of the stage to build; empty: {@code default}
     */
    public static Map<String, String> automatic(String targetPlatform, String buildPlatform, String targetStage) {
        Map<String, String> args = new LinkedHashMap<>();
        platform(args, "BUILD", buildPlatform);
        platform(args, "TARGET", targetPlatform);
        args.put("TARGETSTAGE", targetStage.isEmpty() ? "default" : targetStage);
        return args;
    }

    private static void platform(Map<String, String> args, String prefix, String platform) {
        String[] parts = platform.split("/", 3);
        args.put(prefix + "PLATFORM", platform);
        args.put(prefix + "OS", parts[0]);
        args.put(prefix + "OSVERSION", "");
        args.put(prefix + "ARCH", parts.length > 1 ? parts[1] : "");
        args.put(prefix + "VARIANT", parts.length > 2 ? parts[2] : "");
    }

    /** Those that were there before the first ARG. */
    Map<String, String> automatic() {
        return automatic;
    }

    /** Names that FROM may use without a warning. */
    Set<String> known() {
        Set<String> known = new java.util.LinkedHashSet<>(declared);
        known.addAll(values.keySet());
        return known;
    }

    @Override
    public @Nullable String value(String name) {
        return values.get(name);
    }

    @Override
    public Set<String> names() {
        return values.keySet();
    }
}
