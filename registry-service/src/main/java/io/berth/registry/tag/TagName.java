package io.berth.registry.tag;

import java.util.regex.Pattern;

/**
 * A tag (distribution specification, "Pulling manifests").
 *
 * @param value 1 to 128 characters
 */
public record TagName(String value) {
    private static final Pattern GRAMMAR = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");

    public TagName {
        if (!isValid(value)) {
            throw new IllegalArgumentException("invalid tag");
        }
    }

    /** Whether the text has a tag's form. */
    public static boolean isValid(String text) {
        return GRAMMAR.matcher(text).matches();
    }

    @Override
    public String toString() {
        return value;
    }
}
