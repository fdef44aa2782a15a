package io.berth.archive;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.berth.oci.MediaType.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;

/**
 * An archive's bytes after decompression. Everything happens in this process with libraries loaded from the class path;
 * no program is run (CVE-2019-14271).
 *
 * @param compression told from the first bytes, not from any name or media type
 * @param stream the decompressed bytes; closing it closes the source
 */
public record Decompression(Compression compression, InputStream stream) {
    private static final int ZSTD_MAX_WINDOW_LOG = 27;
    private static final int MAGIC_LENGTH = 6;

    /**
     * Tells the compression from the first bytes, which stay to be read.
     *
     * @param source must support mark and reset
     * @throws ArchiveFormatException for bzip2 and xz, which are not supported
     */
    public static Compression detect(InputStream source) throws IOException {
        source.mark(MAGIC_LENGTH);
        byte[] magic = source.readNBytes(MAGIC_LENGTH);
        source.reset();
        return detect(magic);
    }

    /** Looks at the first bytes and decompresses accordingly; errors as {@link #detect(InputStream)}. */
    public static Decompression of(InputStream source) throws IOException {
        PushbackInputStream in = new PushbackInputStream(source, MAGIC_LENGTH);
        byte[] magic = in.readNBytes(MAGIC_LENGTH);
        in.unread(magic);
        Compression compression = detect(magic);
        return new Decompression(
                compression,
                switch (compression) {
                    case GZIP -> new GzipInputStream(in);
                    case ZSTD -> zstd(in);
                    case NONE -> in;
                });
    }

    private static Compression detect(byte[] magic) throws ArchiveFormatException {
        if (startsWith(magic, 0x1f, 0x8b)) {
            return Compression.GZIP;
        }
        if (startsWith(magic, 0x28, 0xb5, 0x2f, 0xfd) || isSkippableFrame(magic)) {
            return Compression.ZSTD;
        }
        if (startsWith(magic, 'B', 'Z', 'h')) {
            throw new ArchiveFormatException("unsupported compression: bzip2 (use gzip, zstd or none)");
        }
        if (startsWith(magic, 0xfd, '7', 'z', 'X', 'Z', 0)) {
            throw new ArchiveFormatException("unsupported compression: xz (use gzip, zstd or none)");
        }
        return Compression.NONE;
    }

    private static InputStream zstd(InputStream in) throws IOException {
        ZstdInputStreamNoFinalizer zstd = new ZstdInputStreamNoFinalizer(in);
        // 128 MiB of window at most: the sender chooses it, and it is native memory.
        zstd.setLongMax(ZSTD_MAX_WINDOW_LOG);
        return new ZstdErrors(zstd);
    }

    private static boolean isSkippableFrame(byte[] magic) {
        return magic.length >= 4
                && (magic[0] & 0xF0) == 0x50
                && (magic[1] & 0xFF) == 0x2a
                && magic[2] == 0x4d
                && magic[3] == 0x18;
    }

    private static boolean startsWith(byte[] bytes, int... magic) {
        if (bytes.length < magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if ((bytes[i] & 0xFF) != magic[i]) {
                return false;
            }
        }
        return true;
    }

    /** Turns the library's errors into the ones that all formats here have. */
    private static final class ZstdErrors extends InputStream {
        private final InputStream zstd;

        ZstdErrors(InputStream zstd) {
            this.zstd = zstd;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            try {
                return zstd.read(target, offset, length);
            } catch (com.github.luben.zstd.ZstdIOException e) {
                throw new ArchiveFormatException("invalid zstd data: " + e.getMessage(), e);
            }
        }

        @Override
        public void close() throws IOException {
            zstd.close();
        }
    }
}
