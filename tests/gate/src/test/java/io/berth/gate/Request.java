package io.berth.gate;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/**
 * What a developer asks. Immutable.
 *
 * @param body empty for none
 * @param ends whether an answer that grants it ends by itself
 */
record Request(String method, String target, String body, boolean ends) {
    /** All that is said, as it is written and as it may be read. */
    String said() {
        String once = decoded(target);
        return (target + "\n" + once + "\n" + decoded(once) + "\n" + body).replace("\\/", "/");
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return text;
        }
    }

    @Override
    public String toString() {
        return method + " " + target + (body.isEmpty() ? "" : " " + body);
    }
}
