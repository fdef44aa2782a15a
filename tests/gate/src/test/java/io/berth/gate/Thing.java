package io.berth.gate;

import java.util.Locale;

/**
 * Something that exists. Immutable.
 *
 * @param name what it is called; of an exec and of a volume, the same as the id
 * @param mine whether it is the developer's
 */
record Thing(Kind kind, String name, String id, boolean mine) {
    /** What there can be. */
    enum Kind {
        CONTAINER,
        NETWORK,
        VOLUME,
        SECRET,
        CONFIG,
        EXEC;

        /** The first segment of its paths. */
        String section() {
            String text = name().toLowerCase(Locale.ROOT);
            return this == EXEC ? text : text + "s";
        }
    }

    /** Where it is inspected. */
    String path() {
        return "/" + kind.section() + "/" + id + (kind == Kind.CONTAINER || kind == Kind.EXEC ? "/json" : "");
    }
}
