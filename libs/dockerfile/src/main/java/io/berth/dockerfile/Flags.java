package io.berth.dockerfile;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The flags of one instruction (BuildKit {@code instructions/bflag.go}). */
final class Flags {
    private final Map<String, List<String>> values = new HashMap<>();

    private Flags() {}

    /** @throws DockerfileException for flags the instruction does not have, twice the same, values that are missing */
    static Flags parse(List<String> words, Set<String> texts, Set<String> switches, Set<String> lists) {
        Flags flags = new Flags();
        for (String word : words) {
            int equals = word.indexOf('=');
            String name = equals < 0 ? word.substring(2) : word.substring(2, equals);
            String value = equals < 0 ? "" : word.substring(equals + 1);
            boolean list = lists.contains(name);
            if (!texts.contains(name) && !switches.contains(name) && !list) {
                List<String> known = new ArrayList<>(texts);
                known.addAll(switches);
                known.addAll(lists);
                throw new DockerfileException(Suggestion.append(
                        "unknown flag: --" + name, name, known.stream().sorted().toList(), true));
            }
            if (flags.values.containsKey(name) && !list) {
                throw new DockerfileException("duplicate flag specified: --" + name);
            }
            boolean isSwitch = switches.contains(name);
            if (isSwitch ? equals >= 0 && value.isEmpty() : equals < 0) {
                throw new DockerfileException("missing a value on flag: --" + name);
            }
            if (isSwitch) {
                value = value.toLowerCase(Locale.ROOT);
                if (!value.isEmpty() && !value.equals("true") && !value.equals("false")) {
                    throw new DockerfileException(
                            "expecting boolean value for flag --" + name + ", not: " + word.substring(equals + 1));
                }
            }
            flags.values.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
        }
        return flags;
    }

    /** For instructions without flags. */
    static void none(List<String> words) {
        parse(words, Set.of(), Set.of(), Set.of());
    }

    /** The value, null when the flag is not given or empty. */
    @Nullable
    String text(String name) {
        List<String> given = values.get(name);
        return given == null || given.getFirst().isEmpty() ? null : given.getFirst();
    }

    /** Whether a switch is on; null when the flag is not given. */
    @Nullable
    Boolean optional(String name) {
        List<String> given = values.get(name);
        return given == null ? null : !given.getFirst().equals("false");
    }

    boolean isOn(String name) {
        return Boolean.TRUE.equals(optional(name));
    }

    List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }
}
