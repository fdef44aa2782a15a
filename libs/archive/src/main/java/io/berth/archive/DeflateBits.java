package io.berth.archive;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Deflate data as it is written, bit by bit, the lowest of each byte first (RFC 1951, 3.1.1). For one thread. */
final class DeflateBits {
    /** The symbol that ends a block. */
    static final int END = 256;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int MOST_STORED = 0xffff;
    private static final int FIRST_LENGTH = 257;
    private static final int LONGEST = 258;

    private byte[] bytes = new byte[64 * 1024];
    private int at;
    private long pending;
    /** Fewer than eight between calls. */
    private int pendingBits;

    void clear() {
        at = 0;
        pending = 0;
        pendingBits = 0;
    }

    /** The array that holds what has been written, from its start. */
    byte[] bytes() {
        return bytes;
    }

    /** How many bytes are complete. */
    int length() {
        return at;
    }

    /** Makes room for so many bytes more. */
    void ensure(int more) {
        if (bytes.length - at < more + Long.BYTES) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, at + more + Long.BYTES));
        }
    }

    /** @param length up to 56 bits */
    void put(long value, int length) {
        pending |= value << pendingBits;
        pendingBits += length;
        LONG.set(bytes, at, pending);
        int whole = pendingBits >>> 3;
        at += whole;
        pendingBits &= 7;
        pending >>>= 8 * whole; // fewer than 64, since at most 56 + 7 bits were pending
    }

    /** Goes to the next byte's border. */
    void pad() {
        ensure(0);
        if (pendingBits > 0) {
            put(0, 8 - pendingBits);
        }
    }

    /** Writes data as it is, in as many blocks as that takes; without data an empty block, which ends at a byte's border. */
    void stored(byte[] source, int offset, int length, boolean last) {
        ensure(length + 16 + length / MOST_STORED * 8);
        int from = offset;
        int left = length;
        do {
            int now = Math.min(left, MOST_STORED);
            put(last && now == left ? 1 : 0, 3);
            pad();
            put(now | ((long) (~now & MOST_STORED) << 16), 32);
            System.arraycopy(source, from, bytes, at, now);
            at += now;
            from += now;
            left -= now;
        } while (left > 0);
    }

    void symbol(HuffmanCode code, int symbol) {
        int entry = code.codes()[symbol];
        put(entry >>> 4, entry & 15);
    }

    /** Writes runs of literals, each with the match behind it, then the literals that are left, and the end. */
    void runs(HuffmanCode symbols, HuffmanCode offsets, DeflateRuns runs, byte[] source, int from, int to) {
        int[] codes = symbols.codes();
        int[] offsetCodes = offsets.codes();
        int at = from;
        for (int i = 0; i < runs.count; i++) {
            int literals = runs.literals[i];
            if (literals > 0) {
                literals(codes, source, at, at + literals);
            }
            match(codes, offsetCodes, runs.lengths[i], runs.distances[i]);
            at += literals + runs.lengths[i];
        }
        literals(codes, source, at, to);
        symbol(symbols, END);
    }

    private void literals(int[] codes, byte[] source, int from, int to) {
        byte[] target = bytes;
        int out = at;
        long held = pending;
        int heldBits = pendingBits;
        int i = from;
        for (; i + 2 < to; i += 3) { // three codes of 15 bits at most, behind seven bits
            int a = codes[source[i] & 0xff];
            int b = codes[source[i + 1] & 0xff];
            int c = codes[source[i + 2] & 0xff];
            held |= (long) (a >>> 4) << heldBits;
            heldBits += a & 15;
            held |= (long) (b >>> 4) << heldBits;
            heldBits += b & 15;
            held |= (long) (c >>> 4) << heldBits;
            heldBits += c & 15;
            LONG.set(target, out, held);
            out += heldBits >>> 3;
            held >>>= heldBits & ~7;
            heldBits &= 7;
        }
        at = out;
        pending = held;
        pendingBits = heldBits;
        for (; i < to; i++) {
            int entry = codes[source[i] & 0xff];
            put(entry >>> 4, entry & 15);
        }
    }

    /** At most 15 + 5 + 15 + 13 bits. */
    private void match(int[] codes, int[] offsetCodes, int length, int distance) {
        int symbol = lengthSymbol(length);
        int entry = codes[symbol];
        long value = (long) (entry >>> 4);
        int used = entry & 15;
        int extra = lengthExtra(symbol);
        value |= (long) ((length - 3) & ((1 << extra) - 1)) << used;
        used += extra;
        int offset = distanceSymbol(distance);
        entry = offsetCodes[offset];
        value |= (long) (entry >>> 4) << used;
        used += entry & 15;
        int more = distanceExtra(offset);
        value |= (long) ((distance - 1) & ((1 << more) - 1)) << used;
        put(value, used + more);
    }

    static int lengthSymbol(int length) {
        int value = length - 3;
        if (value < 8) {
            return FIRST_LENGTH + value;
        }
        if (length == LONGEST) {
            return 285;
        }
        int top = 31 - Integer.numberOfLeadingZeros(value);
        return FIRST_LENGTH + 4 * (top - 1) + ((value >>> (top - 2)) & 3);
    }

    static int lengthExtra(int symbol) {
        return symbol < FIRST_LENGTH + 8 || symbol == 285 ? 0 : ((symbol - FIRST_LENGTH) >>> 2) - 1;
    }

    static int distanceSymbol(int distance) {
        int value = distance - 1;
        if (value < 4) {
            return value;
        }
        int top = 31 - Integer.numberOfLeadingZeros(value);
        return 2 * top + ((value >>> (top - 1)) & 1);
    }

    static int distanceExtra(int symbol) {
        return symbol < 4 ? 0 : (symbol >>> 1) - 1;
    }

    /** What all symbols take that the codes have counted. */
    static long bitCount(HuffmanCode symbols, HuffmanCode offsets) {
        long bits = symbols.bitCount() + offsets.bitCount();
        for (int symbol = FIRST_LENGTH + 8; symbol < 285; symbol++) {
            bits += (long) symbols.count(symbol) * lengthExtra(symbol);
        }
        for (int symbol = 4; symbol < 30; symbol++) {
            bits += (long) offsets.count(symbol) * distanceExtra(symbol);
        }
        return bits;
    }
}
