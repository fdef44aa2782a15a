package io.berth.gateway.access.policy;

import java.util.function.Consumer;

/**
 * Something that a request names, which must be the caller's.
 *
 * @param field where, for the message
 * @param name or id, as the client wrote it
 * @param resolved takes the id when it is known, so that what is used is what was checked
 */
public record Reference(Kind kind, String field, String name, Consumer<String> resolved) {
    /** What it names. */
    public enum Kind {
        CONTAINER,
        NETWORK,
        /** A volume; there may be none yet. */
        VOLUME,
        IMAGE,
        SECRET,
        CONFIG
    }
}
