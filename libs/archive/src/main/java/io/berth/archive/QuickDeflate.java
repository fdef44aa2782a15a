package io.berth.archive;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Deflate (RFC 1951) at the speed of a disk: what repeats itself within 32 KiB is found by one look at a table of hashes, and data
 * that does not repeat itself is passed over in ever larger steps. Somewhat larger than zlib's fastest level makes it, several times as
 * fast, and the same bytes with every runtime and its zlib.
 *
 * <p>Compresses blocks that are independent but for the data before them. Used by one thread at a time; holds some 600 KiB.
 */
final class QuickDeflate {
    /** As far as a match can reach back. */
    static final int WINDOW = 32 * 1024;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int HASH_BITS = 15;
    /** Of five bytes, as LZ4 takes them. */
    private static final long HASH_FACTOR = 889_523_592_379L << 24;

    private static final int SHORTEST = 4;
    /** After so many bytes without a match, every other byte is looked at, and so on. */
    private static final int PATIENCE_BITS = 6;
    /** So that a long match is found in noise too. */
    private static final int LARGEST_STEP = 16;
    /** What is read at once may go beyond the end. */
    private static final int SLACK = 8;
    /** How much has a code of its own: small enough to follow what the data is like, large enough for what a code costs. */
    private static final int PART = 48 * 1024;

    private final byte[] data;
    private final int[] table = new int[1 << HASH_BITS];
    private final DeflateRuns runs = new DeflateRuns(PART / SHORTEST);
    private final HuffmanCode symbols = new HuffmanCode(286, 15);
    private final HuffmanCode offsets = new HuffmanCode(30, 15);
    private final CodeLengths codeLengths = new CodeLengths(symbols, offsets);
    private final DeflateBits bits = new DeflateBits();

    /** @param block most bytes of one call */
    QuickDeflate(int block) {
        data = new byte[WINDOW + block + SLACK];
    }

    /**
     * Compresses a block.
     *
     * @param before what comes before it: its last 32 KiB are used, or all of it when it is less
     * @param length of the content
     * @param last whether the data ends with it; otherwise what comes out ends at a byte's border
     * @return valid until the next call
     */
    DeflateBits compress(byte[] before, byte[] content, int length, boolean last) {
        int known = Math.min(before.length, WINDOW);
        System.arraycopy(before, before.length - known, data, 0, known);
        System.arraycopy(content, 0, data, known, length);
        Arrays.fill(data, known + length, known + length + SLACK, (byte) 0);
        bits.clear();
        learn(known);
        int end = known + length;
        int at = known;
        while (at < end) {
            int to = Math.min(end, at + PART);
            find(at, to);
            emit(at, to, last && to == end);
            at = to;
        }
        if (length == 0 && last) {
            bits.stored(data, 0, 0, true);
        }
        if (last) {
            bits.pad();
        } else {
            bits.stored(data, 0, 0, false);
        }
        return bits;
    }

    private static int hash(long eight) {
        return (int) ((eight * HASH_FACTOR) >>> (64 - HASH_BITS));
    }

    private void learn(int known) {
        // A place that is too far back for any match.
        Arrays.fill(table, -WINDOW - 1);
        for (int at = 0; at < known; at += 2) {
            table[hash((long) LONG.get(data, at))] = at;
        }
    }

    /** Cuts a part into runs of literals, each with the match behind it. */
    private void find(int from, int to) {
        byte[] bytes = data;
        int[] places = table;
        runs.count = 0;
        int literal = from;
        int at = from;
        int limit = to - SHORTEST;
        while (at <= limit) {
            long here = (long) LONG.get(bytes, at);
            int slot = hash(here);
            int candidate = places[slot];
            places[slot] = at;
            if (at - candidate > WINDOW || (int) INT.get(bytes, candidate) != (int) here) {
                at += Math.min(1 + ((at - literal) >>> PATIENCE_BITS), LARGEST_STEP);
                continue;
            }
            int distance = at - candidate;
            int end = at + SHORTEST + alike(bytes, distance, at + SHORTEST, to);
            while (at > literal && at > distance && bytes[at - 1] == bytes[at - 1 - distance]) {
                at--;
            }
            runs.add(at - literal, end - at, distance);
            literal = end;
            at = end;
            if (at <= limit) {
                places[hash((long) LONG.get(bytes, at - 2))] = at - 2;
            }
        }
    }

    /** How many bytes are the same as those at a distance before them, up to the end. */
    private static int alike(byte[] bytes, int distance, int from, int to) {
        int at = from;
        while (at < to) {
            long different = (long) LONG.get(bytes, at) ^ (long) LONG.get(bytes, at - distance);
            if (different != 0) {
                return Math.min(at + (Long.numberOfTrailingZeros(different) >>> 3), to) - from;
            }
            at += Long.BYTES;
        }
        return to - from;
    }

    private void emit(int from, int to, boolean last) {
        runs.count(symbols.clear(), offsets.clear(), data, from, to);
        symbols.build();
        offsets.build();
        codeLengths.build();
        long coded = codeLengths.bitCount() + DeflateBits.bitCount(symbols, offsets);
        if (coded >= 8L * (to - from)) {
            bits.stored(data, from, to - from, last);
            return;
        }
        bits.ensure((int) (coded >>> 3) + 64);
        bits.put(last ? 5 : 4, 3);
        codeLengths.write(bits);
        bits.runs(symbols, offsets, runs, data, from, to);
    }
}
