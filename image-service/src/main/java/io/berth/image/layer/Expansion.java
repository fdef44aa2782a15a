package io.berth.image.layer;

import io.berth.archive.ArchiveFormatException;
import io.berth.archive.Decompression;
import java.io.IOException;
import java.io.InputStream;

/**
 * What comes out of a compressed stream, held against what went in: a small archive may not fill the disk (CVE-2017-14992).
 * Decompression is one way to grow, sparse files are another. Used by one thread.
 */
public final class Expansion {
    private final UnpackLimits limits;
    private final MeteredInputStream compressed;
    private long received;

    Expansion(InputStream compressed, UnpackLimits limits) {
        this.limits = limits;
        this.compressed = new MeteredInputStream(compressed, null, null, _ -> {});
    }

    /**
     * The uncompressed stream; to be opened once. Reading it fails with {@link ArchiveFormatException} when it gets too large.
     */
    public InputStream open() throws IOException {
        return new MeteredInputStream(Decompression.of(compressed).stream(), null, null, this::check);
    }

    /** Content that the uncompressed stream stands for and is about to be written; all of it counts together. */
    public InputStream content(InputStream content) {
        long before = received;
        return new MeteredInputStream(content, null, null, count -> {
            received = before + count;
            check(received);
        });
    }

    private void check(long bytes) throws ArchiveFormatException {
        check(bytes, compressed.count(), limits);
    }

    static void check(long bytes, long compressed, UnpackLimits limits) throws ArchiveFormatException {
        if (bytes > UnpackLimits.RATIO_FREE_BYTES && bytes / limits.maxRatio() > compressed) {
            throw new ArchiveFormatException("expands to more than " + limits.maxRatio() + " times its size");
        }
    }
}
