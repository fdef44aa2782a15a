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
 * accept  | ids of cases | beginning of a difference     | reason
 * </pre>
 *
 * The first two are applied to what either engine says, so that nothing else may differ. The third excuses differences that
 * {@link GoldenComparison} has found, in these cases alone; its expressions are regular ones too. One that excuses nothing any more
 * fails its case.
 */
final class GoldenDifferences {
    private record Replacement(Pattern pattern, String with) {}

    private record Accepted(Pattern id, Pattern difference) {}

    private final List<Pattern> ignored = new ArrayList<>();
    private final List<Replacement> replaced = new ArrayList<>();
    private final List<Accepted> accepted = new ArrayList<>();

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
                case "accept" ->
                    accepted.add(new Accepted(Pattern.compile(parts[1].strip()), Pattern.compile(parts[2].strip())));
                default -> throw new IllegalArgumentException("neither ignore, replace nor accept: " + line);
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

    /** What is left of a case's differences without those that are accepted; what is accepted in vain is one too. */
    List<String> unaccepted(String id, List<String> differences) {
        List<String> rest = new ArrayList<>(differences);
        for (Accepted each : accepted) {
            if (each.id().matcher(id).matches()
                    && !rest.removeIf(found -> each.difference().matcher(found).lookingAt())) {
                rest.add("differences.txt accepts what does not differ any more: " + each.difference());
            }
        }
        return rest;
    }

    /** The expressions for the cases in which something is accepted. */
    List<Pattern> acceptedIn() {
        return accepted.stream().map(Accepted::id).toList();
    }
}
