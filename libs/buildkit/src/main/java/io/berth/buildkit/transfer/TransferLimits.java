package io.berth.buildkit.transfer;

/**
 * What one transfer from a client may bring.
 *
 * @param maxEntries files, directories and links
 * @param maxBytes of their content
 * @param maxDepth directories inside each other
 */
public record TransferLimits(int maxEntries, long maxBytes, int maxDepth) {
    /** Ten million files, a tebibyte, 512 levels. */
    public static final TransferLimits DEFAULT = new TransferLimits(10_000_000, 1L << 40, 512);
}
