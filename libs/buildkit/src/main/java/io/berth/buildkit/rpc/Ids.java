package io.berth.buildkit.rpc;

import io.berth.docker.error.InvalidParameter;
import java.util.regex.Pattern;

/**
 * Names that clients give to sessions and builds. They come to be parts of logs, headers and of what builders make, so only
 * harmless ones are let in, here and nowhere else (CVE-2026-33747).
 */
public final class Ids {
    private static final Pattern HARMLESS = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

    private Ids() {}

    /**
     * Checks a name: letters, digits, {@code _}, {@code .} and {@code -}, at most 128, without two dots in a row.
     *
     * @param what is named, for the message
     * @return the name
     * @throws InvalidParameter when it is not fit
     */
    public static String check(String what, String id) {
        if (!HARMLESS.matcher(id).matches() || id.contains("..")) {
            throw new InvalidParameter("invalid " + what + " id");
        }
        return id;
    }
}
