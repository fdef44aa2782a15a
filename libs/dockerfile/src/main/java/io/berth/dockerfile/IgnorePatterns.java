package io.berth.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The patterns of a {@code .dockerignore} file, or of {@code COPY --exclude}, with the rules of moby/patternmatcher: the last pattern
 * that matches a path or one of its parents decides. Immutable.
 */
public final class IgnorePatterns {
    /** Nothing is ignored. */
    public static final IgnorePatterns NONE = new IgnorePatterns(List.of());

    private static final Set<String> EVERYTHING = Set.of("*", "**", "**/*");

    private final List<IgnorePattern> patterns;

    private IgnorePatterns(List<IgnorePattern> patterns) {
        this.patterns = List.copyOf(patterns);
    }

    /**
     * Reads a {@code .dockerignore} file: a pattern per line, {@code #} in the first column begins a comment, a leading slash means
     * nothing.
     *
     * @throws DockerfileException for a malformed pattern
     */
    public static IgnorePatterns parse(String text) {
        String withoutMark = text.startsWith("\ufeff") ? text.substring(1) : text;
        List<String> patterns = new ArrayList<>();
        for (String line : withoutMark.split("\n", -1)) {
            String pattern = Text.strip(line);
            if (line.startsWith("#") || pattern.isEmpty()) {
                continue;
            }
            boolean exception = pattern.startsWith("!");
            if (exception) {
                pattern = Text.strip(pattern.substring(1));
            }
            if (!pattern.isEmpty()) {
                pattern = GoPath.clean(pattern);
                pattern = pattern.length() > 1 && pattern.startsWith("/") ? pattern.substring(1) : pattern;
            }
            patterns.add(exception ? "!" + pattern : pattern);
        }
        return of(patterns);
    }

    /**
     * Patterns one by one, without comments.
     *
     * @throws DockerfileException for a malformed pattern
     */
    public static IgnorePatterns of(List<String> patterns) {
        List<IgnorePattern> compiled = new ArrayList<>();
        for (String pattern : patterns) {
            String stripped = Text.strip(pattern);
            if (!stripped.isEmpty()) {
                compiled.add(IgnorePattern.of(GoPath.clean(stripped)));
            }
        }
        return new IgnorePatterns(compiled);
    }

    /** The patterns as they are applied, each with {@code !} where it is an exception. */
    public List<String> patterns() {
        return patterns.stream()
                .map(pattern -> pattern.exception() ? "!" + pattern.text() : pattern.text())
                .toList();
    }

    /** Whether there are no patterns. */
    public boolean isEmpty() {
        return patterns.isEmpty();
    }

    /** Whether some patterns begin with {@code !}. */
    public boolean hasExceptions() {
        return patterns.stream().anyMatch(IgnorePattern::exception);
    }

    /** Whether a pattern ignores whatever there is, exceptions left aside. */
    boolean excludesAll() {
        return patterns.stream().anyMatch(pattern -> !pattern.exception() && EVERYTHING.contains(pattern.text()));
    }

    /**
     * Whether a path is ignored. The root itself never is.
     *
     * @param path relative, clean, separated by slashes
     */
    public boolean excludes(String path) {
        if (path.isEmpty() || path.equals(".")) {
            return false;
        }
        boolean excluded = false;
        for (IgnorePattern pattern : patterns) {
            // A pattern that would not change anything need not be tried.
            if (pattern.exception() == excluded && matchesPathOrParent(pattern, path)) {
                excluded = !pattern.exception();
            }
        }
        return excluded;
    }

    private static boolean matchesPathOrParent(IgnorePattern pattern, String path) {
        if (pattern.matches(path)) {
            return true;
        }
        for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
            if (pattern.matches(path.substring(0, slash))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether something below an ignored directory may be not ignored. A walk needs not enter a directory for which {@link #excludes}
     * is true and this is false.
     */
    public boolean mayHoldIncluded(String directory) {
        return patterns.stream().anyMatch(pattern -> pattern.exception() && pattern.mayMatchBelow(directory));
    }
}
