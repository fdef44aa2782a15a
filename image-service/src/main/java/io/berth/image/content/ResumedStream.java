package io.berth.image.content;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The part of a blob that is kept in a file, then the rest from its source, which is opened only when it is needed. */
final class ResumedStream extends InputStream {
    private final BlobSource source;
    private final long kept;
    private final long size;
    private InputStream current;
    private long position;
    private boolean atSource;

    /**
     * @param kept bytes of the file to read
     * @param size of the whole blob
     */
    ResumedStream(Path file, long kept, long size, BlobSource source) throws IOException {
        this.source = source;
        this.kept = kept;
        this.size = size;
        this.current = Files.newInputStream(file);
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
        if (!atSource && position == kept) {
            if (position == size) {
                return -1;
            }
            current.close();
            current = source.openAt(kept);
            atSource = true;
        }
        int most = atSource ? length : (int) Math.min(length, kept - position);
        int count = current.read(target, offset, most);
        if (count < 0 && !atSource) {
            throw new IOException("a partly received blob was cut short");
        }
        position += Math.max(count, 0);
        return count;
    }

    @Override
    public void close() throws IOException {
        current.close();
    }
}
