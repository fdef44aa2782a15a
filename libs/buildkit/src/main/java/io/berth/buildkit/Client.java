package io.berth.buildkit;

import org.jspecify.annotations.Nullable;

/**
 * Who calls, or offers to be called: found out by whoever takes a connection over, and the same for all that comes on it.
 *
 * @param owner whose sessions, builds and directories these are: what is of one owner is not there for another. Any text that
 *     the platform has made; empty for all those who may do everything
 * @param restricted whether what concerns others, or the builder as a whole, is refused
 * @param identity what the builder is to know of them, in its own words; null for nobody in particular
 */
public record Client(
        String owner, boolean restricted, @Nullable String identity) {
    /** Somebody who may do everything. */
    public static final Client UNRESTRICTED = new Client("", false, null);
}
