package io.berth.registry.storage;

import java.util.regex.Pattern;

/**
 * Where a storage keeps one piece of content. Given once and never again: what a location holds does not change until it is
 * removed for good, so that who removes it cannot take away what somebody else stores at the same moment.
 *
 * @param value path below the storage's root, as {@code sha256/ab/ab12…} or {@code content/1f/1f…}; no part of it begins with a dot
 */
public record Location(String value) {
    private static final int MAX_LENGTH = 255;
    private static final Pattern GRAMMAR = Pattern.compile("[a-z0-9][a-z0-9.-]*+(?:/[a-z0-9][a-z0-9.-]*+)++");

    /** @throws IllegalArgumentException for anything outside the grammar: a location becomes a path */
    public Location {
        if (value.length() > MAX_LENGTH || !GRAMMAR.matcher(value).matches()) {
            throw new IllegalArgumentException("invalid location: " + value);
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
