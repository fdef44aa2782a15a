package io.berth.compat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where Berth differs from the reference on purpose, read from {@code golden/differences.txt}. Lines are
 *
 * <pre>
 * ignore  | path of a field, as a regular expression     | reason
 * replace | regular expression in text | replacement     | reason
 * </pre>
 *
 * Both are applied to what either engine says, so that nothing else may differ.
 */
final class GoldenDifferences {
    private record Replacement(Pattern pattern, String with) {}

    private final List<Pattern> ignored = new ArrayList<>();
    private final List<Replacement> replaced = new ArrayList<>();

    GoldenDifferences(List<String> lines) {
        for (String line : lines) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] parts = line.split(" \\| ", -1);
            String last = parts[parts.length - 1];
            if (last.isBlank()) {
                throw new IllegalArgumentException("a difference without a reason: " + line);
            }
            switch (parts[0].strip()) {
                case "ignore" -> ignored.add(Pattern.compile(parts[1].strip()));
                case "replace" -> replaced.add(new Replacement(Pattern.compile(parts[1].strip()), parts[2]));
                default -> throw new IllegalArgumentException("neither ignore nor replace: " + line);
            }
        }
    }

    boolean ignores(String path) {
        return ignored.stream().anyMatch(pattern -> pattern.matcher(path).matches());
    }

    String text(String text) {
        String result = text;
        for (Replacement replacement : replaced) {
            result = replacement.pattern().matcher(result).replaceAll(replacement.with());
        }
        return result;
    }
}
