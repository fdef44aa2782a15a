package io.berth.archive;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decompresses gzip (RFC 1952) of any number of members, checking each one's CRC and length.
 *
 * <p>The JDK's own stream takes «no byte available right now» for the end of the last member, which cuts streams from
 * the network short. Zeros after the last member are padding and are ignored; anything else there is refused.
 */
final class GzipInputStream extends InputStream {
    private static final int BUFFER = 64 * 1024;
    private static final int FLAG_CRC = 2;
    private static final int FLAG_EXTRA = 4;
    private static final int FLAG_NAME = 8;
    private static final int FLAG_COMMENT = 16;

    private final InputStream in;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final byte[] buffer = new byte[BUFFER];
    private int at;
    private int end;
    private boolean started;
    private boolean inMember;
    private boolean finished;

    GzipInputStream(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (!finished) {
            if (!inMember) {
                startMember();
                continue;
            }
            int count = inflate(target, offset, length);
            if (count > 0) {
                crc.update(target, offset, count);
                return count;
            }
            if (inflater.finished()) {
                endMember();
            }
        }
        return -1;
    }

    private int inflate(byte[] target, int offset, int length) throws IOException {
        try {
            if (inflater.needsInput()) {
                if (at == end) {
                    fill();
                }
                inflater.setInput(buffer, at, end - at);
                at = end; // what is left over is taken back when the member ends
            }
            int count = inflater.inflate(target, offset, length);
            if (count == 0 && inflater.needsDictionary()) {
                throw new ArchiveFormatException("invalid gzip data: needs a dictionary");
            }
            return count;
        } catch (DataFormatException e) {
            throw new ArchiveFormatException("invalid gzip data", e);
        }
    }

    private void startMember() throws IOException {
        if (at == end && !tryFill()) {
            finished = true;
            return;
        }
        if (!started || buffer[at] != 0) {
            readHeader();
            started = true;
            inMember = true;
        } else {
            skipPadding();
        }
    }

    private void skipPadding() throws IOException {
        do {
            while (at < end) {
                if (buffer[at++] != 0) {
                    throw new ArchiveFormatException("invalid gzip data: garbage after the end");
                }
            }
        } while (tryFill());
        finished = true;
    }

    private void readHeader() throws IOException {
        if (next() != 0x1f || next() != 0x8b || next() != 8) {
            throw new ArchiveFormatException("invalid gzip data: bad header");
        }
        int flags = next();
        for (int i = 0; i < 6; i++) { // time, extra flags, operating system
            next();
        }
        if ((flags & FLAG_EXTRA) != 0) {
            int length = next() | (next() << 8);
            for (int i = 0; i < length; i++) {
                next();
            }
        }
        if ((flags & FLAG_NAME) != 0) {
            skipString();
        }
        if ((flags & FLAG_COMMENT) != 0) {
            skipString();
        }
        if ((flags & FLAG_CRC) != 0) {
            next();
            next();
        }
        inflater.reset();
        crc.reset();
    }

    private void skipString() throws IOException {
        while (next() != 0) {
            // up to and with the NUL
        }
    }

    private void endMember() throws IOException {
        at = end - inflater.getRemaining();
        long expectedCrc = nextInt();
        long expectedLength = nextInt();
        if (expectedCrc != crc.getValue() || expectedLength != (inflater.getBytesWritten() & 0xFFFF_FFFFL)) {
            throw new ArchiveFormatException("invalid gzip data: wrong checksum");
        }
        inMember = false;
    }

    private long nextInt() throws IOException {
        return next() | (next() << 8) | (next() << 16) | ((long) next() << 24);
    }

    private int next() throws IOException {
        if (at == end) {
            fill();
        }
        return buffer[at++] & 0xFF;
    }

    private void fill() throws IOException {
        if (!tryFill()) {
            throw new ArchiveFormatException("unexpected end of gzip data");
        }
    }

    private boolean tryFill() throws IOException {
        int count = in.read(buffer, 0, BUFFER);
        at = 0;
        end = Math.max(count, 0);
        return count > 0;
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        in.close();
    }
}
