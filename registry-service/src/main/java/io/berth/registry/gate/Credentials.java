package io.berth.registry.gate;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** What an {@code Authorization} header holds. */
public sealed interface Credentials {
    /** No such header. */
    record None() implements Credentials {}

    /** A name and a secret (RFC 7617). */
    record Basic(String name, String secret) implements Credentials {
        @Override
        public String toString() {
            return "Basic[" + name + "]";
        }
    }

    /** A token (RFC 6750). */
    record Bearer(String token) implements Credentials {
        @Override
        public String toString() {
            return "Bearer[redacted]";
        }
    }

    /** Anything else: nobody's. */
    record Malformed() implements Credentials {}

    /** Reads a header; null when there is none. */
    static Credentials parse(@Nullable String header) {
        if (header == null) {
            return new None();
        }
        int space = header.indexOf(' ');
        String scheme = space < 0 ? header : header.substring(0, space);
        String value = space < 0 ? "" : header.substring(space + 1).strip();
        if (scheme.equalsIgnoreCase("Bearer")) {
            return value.isEmpty() ? new Malformed() : new Bearer(value);
        }
        return scheme.equalsIgnoreCase("Basic") ? basic(value) : new Malformed();
    }

    private static Credentials basic(String value) {
        try {
            String text = new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8);
            int colon = text.indexOf(':');
            return colon < 0 ? new Malformed() : new Basic(text.substring(0, colon), text.substring(colon + 1));
        } catch (IllegalArgumentException e) {
            return new Malformed();
        }
    }
}
