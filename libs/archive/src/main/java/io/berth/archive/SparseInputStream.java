package io.berth.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** The content of a sparse file with its holes as zeros. */
final class SparseInputStream extends InputStream {
    private final SparseMap map;
    private final InputStream stored;
    private long position;
    private int piece;

    SparseInputStream(SparseMap map, InputStream stored) {
        this.map = map;
        this.stored = stored;
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
        while (piece < map.count() && position >= map.offset(piece) + map.length(piece)) {
            piece++;
        }
        boolean inHole = piece == map.count() || position < map.offset(piece);
        long end = piece == map.count()
                ? map.realSize()
                : inHole ? map.offset(piece) : map.offset(piece) + map.length(piece);
        int wanted = (int) Math.min(length, end - position);
        if (wanted == 0) {
            return -1;
        }
        if (inHole) {
            Arrays.fill(target, offset, offset + wanted, (byte) 0);
            position += wanted;
            return wanted;
        }
        int count = stored.read(target, offset, wanted);
        if (count < 0) {
            throw new EOFException("archive ends inside a sparse file");
        }
        position += count;
        return count;
    }
}
