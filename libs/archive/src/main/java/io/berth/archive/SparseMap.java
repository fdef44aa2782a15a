package io.berth.archive;

import java.util.Arrays;

/**
 * Which pieces of a sparse file are in the archive; everything between them is zeros.
 *
 * <p>Pieces lie in ascending order without overlap inside the file, which is checked. Their number is bounded, since the
 * map is held in memory and its size is the sender's choice (CVE-2025-58183).
 */
final class SparseMap {
    static final int MAX_PIECES = 64 * 1024;

    private final long realSize;
    private long[] offsets = new long[16];
    private long[] lengths = new long[16];
    private int count;

    SparseMap(long realSize) throws ArchiveFormatException {
        if (realSize < 0) {
            throw bad();
        }
        this.realSize = realSize;
    }

    /** Reads {@code offset,length,offset,length,…}. */
    static SparseMap parse(String text, long realSize) throws ArchiveFormatException {
        SparseMap map = new SparseMap(realSize);
        int at = 0;
        long offset = -1;
        while (at <= text.length() && !text.isEmpty()) {
            int comma = text.indexOf(',', at);
            int end = comma < 0 ? text.length() : comma;
            long value = PaxRecords.parseNumber(text.substring(at, end));
            if (offset < 0) {
                offset = value;
            } else {
                map.add(offset, value);
                offset = -1;
            }
            at = end + 1;
        }
        if (offset >= 0) {
            throw bad();
        }
        return map;
    }

    void add(long offset, long length) throws ArchiveFormatException {
        if (count == MAX_PIECES) {
            throw new ArchiveFormatException("sparse file with more than " + MAX_PIECES + " pieces");
        }
        long previousEnd = count == 0 ? 0 : offsets[count - 1] + lengths[count - 1];
        if (offset < previousEnd || length < 0 || length > realSize || offset > realSize - length) {
            throw bad();
        }
        if (count == offsets.length) {
            offsets = Arrays.copyOf(offsets, 2 * count);
            lengths = Arrays.copyOf(lengths, 2 * count);
        }
        offsets[count] = offset;
        lengths[count++] = length;
    }

    long realSize() {
        return realSize;
    }

    int count() {
        return count;
    }

    long offset(int piece) {
        return offsets[piece];
    }

    long length(int piece) {
        return lengths[piece];
    }

    /** Bytes in the archive. */
    long storedSize() {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            sum += lengths[i];
        }
        return sum;
    }

    static ArchiveFormatException bad() {
        return new ArchiveFormatException("invalid tar header: bad sparse map");
    }
}
