package io.berth.registry.access;

import java.util.regex.Pattern;

/**
 * Which repositories a policy is about: {@code team/app} itself, {@code team/*} those directly below {@code team},
 * {@code team/**} all below it, {@code **} all there are. A {@code *} stands for any characters within one component.
 *
 * @param value at most 255 characters; {@code **} only as the last component, so that matching takes linear time
 */
public record RepositoryPattern(String value) {
    private static final int MAX_LENGTH = 255;
    private static final String COMPONENT = "[a-z0-9._-]*+(?:\\*[a-z0-9._-]++)*+\\*?";
    private static final Pattern GRAMMAR = Pattern.compile("(?:" + COMPONENT + "/)*+(?:" + COMPONENT + "|\\*\\*)");
    private static final String ALL_BELOW = "**";

    /** @throws IllegalArgumentException for anything outside the grammar */
    public RepositoryPattern {
        if (value.isEmpty()
                || value.length() > MAX_LENGTH
                || value.startsWith("/")
                || value.endsWith("/")
                || value.contains("//")
                || !GRAMMAR.matcher(value).matches()) {
            throw new IllegalArgumentException("invalid repository pattern");
        }
    }

    /** Whether a repository's name is one of those. */
    public boolean matches(String name) {
        String[] wanted = value.split("/", -1);
        String[] given = name.split("/", -1);
        boolean below = wanted[wanted.length - 1].equals(ALL_BELOW);
        int exact = below ? wanted.length - 1 : wanted.length;
        if (below ? given.length <= exact : given.length != exact) {
            return false;
        }
        for (int i = 0; i < exact; i++) {
            if (!component(wanted[i], given[i])) {
                return false;
            }
        }
        return true;
    }

    /** Greedy with one point to come back to: time is at most the product of the lengths. */
    private static boolean component(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int from = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                from = t;
            } else if (p < pattern.length() && pattern.charAt(p) == text.charAt(t)) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++from;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    @Override
    public String toString() {
        return value;
    }
}
