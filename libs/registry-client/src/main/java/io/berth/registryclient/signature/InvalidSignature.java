package io.berth.registryclient.signature;

import org.jspecify.annotations.Nullable;

/** Something that says it is a signature does not count; the message says why, and names no file. */
final class InvalidSignature extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidSignature(String message) {
        super(message);
    }

    InvalidSignature(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Its bytes are not what they should be. */
    static InvalidSignature malformed(@Nullable Throwable cause) {
        return new InvalidSignature("it cannot be read", cause);
    }
}
