package io.berth.dockerfile;

import org.jspecify.annotations.Nullable;

/**
 * The parser directives at the top of a Dockerfile.
 *
 * @param syntax the image of a Dockerfile frontend as written, arguments included; null when there is none
 * @param escape {@code \} or {@code `}
 * @param checks what {@code # check=} says
 */
public record Directives(@Nullable String syntax, char escape, CheckSettings checks) {
    /** What holds for a file without directives. */
    public static final Directives DEFAULT = new Directives(null, '\\', CheckSettings.DEFAULT);
}
