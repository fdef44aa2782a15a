package io.berth.engine.network;

/**
 * Whom a link is to, and by which other name: {@code web}, {@code web:alias}, or as inspect shows it, {@code /web:/other/alias} (moby: opts.ParseLink).
 */
public record LinkedName(String name, String alias) {
    /** Reads a link of whatever form. */
    public static LinkedName parse(String text) {
        String[] parts = text.split(":", 2);
        String alias = parts[parts.length - 1];
        return new LinkedName(
                parts[0].startsWith("/") ? parts[0].substring(1) : parts[0],
                alias.substring(alias.lastIndexOf('/') + 1));
    }
}
