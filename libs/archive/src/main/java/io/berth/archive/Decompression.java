package io.berth.archive;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.berth.oci.MediaType.Compression;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/**
 * An archive's bytes after decompression. Everything happens in this process with libraries loaded from the class path;
 * no program is run (CVE-2019-14271).
 *
 * @param compression told from the first bytes, not from any name or media type; {@link Compression#NONE} also for bzip2 and xz, which
 *     archives may have and layers on their way may not
 * @param stream the decompressed bytes; closing it closes the source
 */
public record Decompression(Compression compression, InputStream stream) {
    private static final int ZSTD_MAX_WINDOW_LOG = 27;
    /** Enough for {@code xz -9}; the sender chooses how much is needed. */
    private static final int XZ_MAX_MEMORY_KIB = 96 * 1024;

    private static final int MAGIC_LENGTH = 6;

    /**
     * Tells the compression from the first bytes, which stay to be read; {@link Compression#NONE} also for bzip2 and xz.
     *
     * @param source must support mark and reset
     */
    public static Compression detect(InputStream source) throws IOException {
        source.mark(MAGIC_LENGTH);
        byte[] magic = source.readNBytes(MAGIC_LENGTH);
        source.reset();
        return detect(magic);
    }

    /** Looks at the first bytes and decompresses accordingly: gzip, zstd, bzip2 and xz. */
    public static Decompression of(InputStream source) throws IOException {
        PushbackInputStream in = new PushbackInputStream(source, MAGIC_LENGTH);
        byte[] magic = in.readNBytes(MAGIC_LENGTH);
        in.unread(magic);
        Compression compression = detect(magic);
        return new Decompression(
                compression,
                switch (compression) {
                    case GZIP -> new GzipInputStream(in);
                    case ZSTD -> Decoded.of("zstd", in, Decompression::zstd);
                    case NONE -> uncommon(magic, in);
                });
    }

    private static Compression detect(byte[] magic) {
        if (startsWith(magic, 0x1f, 0x8b)) {
            return Compression.GZIP;
        }
        if (startsWith(magic, 0x28, 0xb5, 0x2f, 0xfd) || isSkippableFrame(magic)) {
            return Compression.ZSTD;
        }
        return Compression.NONE;
    }

    private static InputStream uncommon(byte[] magic, InputStream in) throws IOException {
        if (startsWith(magic, 'B', 'Z', 'h')) {
            return Decoded.of(
                    "bzip2", in, source -> new BZip2CompressorInputStream(new BufferedInputStream(source), true));
        }
        if (startsWith(magic, 0xfd, '7', 'z', 'X', 'Z', 0)) {
            return Decoded.of("xz", in, source -> new XZInputStream(source, XZ_MAX_MEMORY_KIB));
        }
        return in;
    }

    private static InputStream zstd(InputStream source) throws IOException {
        ZstdInputStreamNoFinalizer zstd = new ZstdInputStreamNoFinalizer(source);
        // 128 MiB of window at most: the sender chooses it, and it is native memory.
        zstd.setLongMax(ZSTD_MAX_WINDOW_LOG);
        return zstd;
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

    /** Makes a library's decoder of a source. */
    private interface Decoder {
        InputStream of(InputStream source) throws IOException;
    }

    /**
     * Turns a library's errors into the ones that all formats here have. The libraries throw alike what is wrong with the data and what the
     * source throws; the latter stays what it is.
     */
    private static final class Decoded extends InputStream {
        private final String format;
        private final Source source;
        private final InputStream decoder;

        private Decoded(String format, Source source, InputStream decoder) {
            this.format = format;
            this.source = source;
            this.decoder = decoder;
        }

        static Decoded of(String format, InputStream in, Decoder decoder) throws IOException {
            Source source = new Source(in);
            try {
                return new Decoded(format, source, decoder.of(source));
            } catch (IOException | RuntimeException e) {
                throw error(format, source, e);
            }
        }

        private static IOException error(String format, Source source, Exception e) {
            if (source.failure != null) {
                return source.failure;
            }
            return e instanceof EOFException
                    ? new ArchiveFormatException("unexpected end of " + format + " data", e)
                    : new ArchiveFormatException("invalid " + format + " data: " + e.getMessage(), e);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            try {
                return decoder.read(target, offset, length);
            } catch (IOException | RuntimeException e) {
                throw error(format, source, e);
            }
        }

        @Override
        public void close() throws IOException {
            decoder.close();
        }
    }

    /** Remembers what it has thrown. */
    private static final class Source extends FilterInputStream {
        private @Nullable IOException failure;

        Source(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            try {
                return super.read();
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            try {
                return super.read(target, offset, length);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }
    }
}
