package io.berth.gateway.node;

import io.berth.docker.error.InvalidParameter;
import java.util.Locale;

/** What an operator wants of a node. */
public enum Availability {
    /** It gets new containers. */
    ACTIVE,
    /** What runs there goes on, and nothing new comes. */
    DRAIN,
    /** It is not asked for anything, as if it did not answer. */
    DOWN;

    /**
     * Reads {@code active}, {@code drain} or {@code down}, in any case.
     *
     * @throws InvalidParameter for anything else
     */
    public static Availability parse(String text) {
        for (Availability one : values()) {
            if (one.name().equalsIgnoreCase(text)) {
                return one;
            }
        }
        throw new InvalidParameter("invalid availability: " + text + " (active, drain or down)");
    }

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
