package io.berth.image.layer;

/**
 * What one layer may cost before it is refused, so that a small blob cannot fill the disk or the heap.
 *
 * @param maxBytes of the uncompressed archive, and of the contents it declares
 * @param maxEntries of the archive
 * @param maxRatio uncompressed to compressed size, looked at once {@link #RATIO_FREE_BYTES} have come
 */
public record UnpackLimits(long maxBytes, long maxEntries, int maxRatio) {
    /** Below this even a layer of nothing but zeros is let through. */
    static final long RATIO_FREE_BYTES = 256L * 1024 * 1024;

    static final UnpackLimits DEFAULT = new UnpackLimits(64L * 1024 * 1024 * 1024, 4_000_000, 200);
}
