package io.berth.gateway.access.account;

import java.time.Instant;
import java.util.regex.Pattern;

/**
 * What owns containers, networks, volumes and repositories together.
 *
 * @param name also the prefix of its repositories and the value of its label
 * @param policy JSON of what its developers may besides what all may; empty for nothing
 */
public record Project(String name, String description, String policy, Instant createdAt) {
    /** A path component of a repository's name (distribution specification), without the separators that come doubled. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?");

    /** Whose official images are: everybody's. */
    private static final String OFFICIAL = "library";

    /** Whether a text can be a project's name. */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches() && !text.equals(OFFICIAL);
    }
}
