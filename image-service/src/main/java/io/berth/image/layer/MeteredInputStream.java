package io.berth.image.layer;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Counts what is read and passes it on to a digest or another stream, or both. Never skips without reading. */
final class MeteredInputStream extends FilterInputStream {
    private final @Nullable MessageDigest digest;
    private final @Nullable OutputStream copy;
    private final Check check;
    private long count;

    /** Looks at the number of bytes read so far and may refuse to go on. */
    @FunctionalInterface
    interface Check {
        void accept(long count) throws IOException;
    }

    MeteredInputStream(InputStream in, @Nullable MessageDigest digest, @Nullable OutputStream copy, Check check) {
        super(in);
        this.digest = digest;
        this.copy = copy;
        this.check = check;
    }

    long count() {
        return count;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int read = super.read(target, offset, length);
        if (read > 0) {
            count += read;
            check.accept(count);
            if (digest != null) {
                digest.update(target, offset, read);
            }
            if (copy != null) {
                copy.write(target, offset, read);
            }
        }
        return read;
    }

    @Override
    public long skip(long n) throws IOException {
        return readNBytes((int) Math.min(n, 64 * 1024)).length;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    /** Reads to the end, so that digest and copy are complete. */
    void drain() throws IOException {
        byte[] sink = new byte[64 * 1024];
        while (read(sink, 0, sink.length) >= 0) {
            // the reading itself is the point
        }
    }
}
