package io.berth.engine.log;

import io.berth.pattern.InvalidPattern;
import io.berth.pattern.PatternSet;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * What log drivers know of a container.
 *
 * @param name without a slash
 * @param imageName as the user wrote it
 * @param env entries {@code NAME=value}
 * @param directory the container's own
 */
public record LogInfo(
        String id,
        String name,
        String entrypoint,
        List<String> args,
        String imageId,
        String imageName,
        Instant created,
        List<String> env,
        Map<String, String> labels,
        Path directory) {

    public LogInfo {
        args = List.copyOf(args);
        env = List.copyOf(env);
        labels = Map.copyOf(labels);
    }

    /**
     * Labels and environment that are asked for with {@code labels}, {@code labels-regex}, {@code env} and
     * {@code env-regex}.
     *
     * @param keys makes names of the target's kind
     */
    Map<String, String> attributes(LogOptions options, UnaryOperator<String> keys) {
        Map<String, String> attributes = new TreeMap<>();
        Map<String, String> variables = new TreeMap<>();
        for (String entry : env) {
            int equals = entry.indexOf('=');
            if (equals >= 0) {
                variables.put(entry.substring(0, equals), entry.substring(equals + 1));
            }
        }
        pick(attributes, labels, options.text("labels"), options.text("labels-regex"), keys);
        pick(attributes, variables, options.text("env"), options.text("env-regex"), keys);
        return attributes;
    }

    private static void pick(
            Map<String, String> into,
            Map<String, String> from,
            String names,
            String pattern,
            UnaryOperator<String> keys) {
        for (String name : names.split(",")) {
            String value = from.get(name);
            if (value != null) {
                into.put(keys.apply(name), value);
            }
        }
        if (!pattern.isEmpty()) {
            try {
                PatternSet matching = PatternSet.strict(List.of(pattern));
                from.forEach((name, value) -> {
                    if (matching.anyIn(name)) {
                        into.put(keys.apply(name), value);
                    }
                });
            } catch (InvalidPattern e) {
                throw new LogDriverException(String.valueOf(e.getMessage()), e);
            }
        }
    }
}
