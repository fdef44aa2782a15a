package io.berth.dockerfile;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What {@code # check=skip=…;error=…;experimental=…} asks for.
 *
 * @param skipAll no check runs, other than experimental ones that are asked for
 * @param skipped names of checks that do not run
 * @param failOnWarning a warning makes the build fail
 * @param experimentalAll all experimental checks run
 * @param experimental names of experimental checks that run
 */
public record CheckSettings(
        boolean skipAll,
        Set<String> skipped,
        boolean failOnWarning,
        boolean experimentalAll,
        Set<String> experimental) {
    /** All checks run but experimental ones, none makes the build fail. */
    public static final CheckSettings DEFAULT = new CheckSettings(false, Set.of(), false, false, Set.of());

    public CheckSettings {
        skipped = Collections.unmodifiableSet(new LinkedHashSet<>(skipped));
        experimental = Collections.unmodifiableSet(new LinkedHashSet<>(experimental));
    }

    /**
     * Reads a directive's value, {@code skip=A,B;error=true}.
     *
     * @throws DockerfileException for an option there is not
     */
    public static CheckSettings parse(String text) {
        String stripped = Text.strip(text);
        boolean fail = false;
        Set<String> skip = Set.of();
        Set<String> experiment = Set.of();
        if (stripped.isEmpty()) {
            return DEFAULT;
        }
        for (String option : stripped.split(";", 3)) {
            int equals = option.indexOf('=');
            if (equals < 0) {
                throw new DockerfileException("invalid check option " + Text.quote(option));
            }
            String name = Text.strip(option.substring(0, equals));
            String value = Text.strip(option.substring(equals + 1));
            switch (name) {
                case "skip" -> skip = names(value);
                case "experimental" -> experiment = names(value);
                case "error" -> {
                    Boolean parsed = Text.parseBoolean(value);
                    if (parsed == null) {
                        throw new DockerfileException("failed to parse check option " + Text.quote(option)
                                + ": strconv.ParseBool: parsing " + Text.quote(value) + ": invalid syntax");
                    }
                    fail = parsed;
                }
                default -> throw new DockerfileException("invalid check option " + Text.quote(name));
            }
        }
        return new CheckSettings(skip.equals(Set.of("all")), skip, fail, experiment.equals(Set.of("all")), experiment);
    }

    private static Set<String> names(String value) {
        Set<String> names = new LinkedHashSet<>();
        Arrays.stream(value.split(",")).map(Text::strip).forEach(names::add);
        return names;
    }

    /** Whether a check runs. */
    public boolean runs(Check check) {
        return check.isExperimental()
                ? experimentalAll || experimental.contains(check.checkName())
                : !skipAll && !skipped.contains(check.checkName());
    }
}
