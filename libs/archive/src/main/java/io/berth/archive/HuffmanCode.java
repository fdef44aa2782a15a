package io.berth.archive;

import java.util.Arrays;

/**
 * A canonical prefix code (RFC 1951, 3.2.2) of limited length for symbols that have been counted; lengths by the in-place method of
 * Moffat and Katajainen. For one thread, and to be used again.
 */
final class HuffmanCode {
    private final int longest;
    private final int[] counts;
    private final int[] codes;
    private final byte[] lengths;
    private final int[] order;
    private final int[] work;
    private int used;

    /**
     * @param symbols at most 512
     * @param longest bits of a code
     */
    HuffmanCode(int symbols, int longest) {
        this.longest = longest;
        counts = new int[symbols];
        codes = new int[symbols];
        lengths = new byte[symbols];
        order = new int[symbols];
        work = new int[symbols];
    }

    /** Forgets all counts, and returns where to count: at most 4 million of a symbol. */
    int[] clear() {
        Arrays.fill(counts, 0);
        return counts;
    }

    int count(int symbol) {
        return counts[symbol];
    }

    /** By symbol: the code, its bits in the order in which they are written, above the fourth bit, and below it its length in bits. */
    int[] codes() {
        return codes;
    }

    /** In bits; 0 for a symbol that does not occur. */
    int length(int symbol) {
        return lengths[symbol];
    }

    int symbols() {
        return counts.length;
    }

    /** One behind the last symbol that occurs, and at least so many. */
    int symbolsUsed(int atLeast) {
        int end = counts.length;
        while (end > atLeast && lengths[end - 1] == 0) {
            end--;
        }
        return end;
    }

    /** Of all that was counted. */
    long bitCount() {
        long bits = 0;
        for (int symbol = 0; symbol < counts.length; symbol++) {
            bits += (long) counts[symbol] * lengths[symbol];
        }
        return bits;
    }

    /** Makes the code. A single symbol gets one bit, as some readers want it. */
    void build() {
        used = 0;
        Arrays.fill(lengths, (byte) 0);
        for (int symbol = 0; symbol < counts.length; symbol++) {
            if (counts[symbol] > 0) {
                order[used++] = (counts[symbol] << 9) | symbol;
            }
        }
        if (used == 0) {
            return;
        }
        Arrays.sort(order, 0, used);
        int[] ofLength = new int[longest + 1];
        if (used == 1) {
            ofLength[1] = 1;
        } else {
            depths();
            for (int i = 0; i < used; i++) {
                ofLength[Math.min(work[i], longest)]++;
            }
            limit(ofLength);
        }
        assign(ofLength);
    }

    /** Leaves the depth of each leaf, rarest first, in the work array. */
    private void depths() {
        for (int i = 0; i < used; i++) {
            work[i] = order[i] >>> 9;
        }
        join();
        work[used - 2] = 0;
        for (int i = used - 3; i >= 0; i--) {
            work[i] = work[work[i]] + 1;
        }
        int available = 1;
        int depth = 0;
        int node = used - 2;
        int next = used - 1;
        while (available > 0) {
            int inner = 0;
            while (node >= 0 && work[node] == depth) {
                inner++;
                node--;
            }
            while (available > inner) {
                work[next--] = depth;
                available--;
            }
            available = 2 * inner;
            depth++;
        }
    }

    /** Makes the tree: weights of inner nodes become their parents' places. */
    private void join() {
        work[0] += work[1];
        int node = 0;
        int leaf = 2;
        for (int next = 1; next < used - 1; next++) {
            if (leaf >= used || work[node] < work[leaf]) {
                work[next] = work[node];
                work[node++] = next;
            } else {
                work[next] = work[leaf++];
            }
            if (leaf >= used || (node < next && work[node] < work[leaf])) {
                work[next] += work[node];
                work[node++] = next;
            } else {
                work[next] += work[leaf++];
            }
        }
    }

    /** Codes that were cut off at the greatest length may be too many for it: others give them room. */
    private void limit(int[] ofLength) {
        long taken = 0;
        for (int length = 1; length <= longest; length++) {
            taken += (long) ofLength[length] << (longest - length);
        }
        for (; taken > 1L << longest; taken--) {
            ofLength[longest]--;
            int shorter = longest - 1;
            while (ofLength[shorter] == 0) {
                shorter--;
            }
            ofLength[shorter]--;
            ofLength[shorter + 1] += 2;
        }
    }

    private void assign(int[] ofLength) {
        int place = used;
        for (int length = 1; length <= longest; length++) {
            for (int i = 0; i < ofLength[length]; i++) {
                lengths[order[--place] & 0x1ff] = (byte) length;
            }
        }
        int[] next = new int[longest + 2];
        for (int length = 1; length <= longest; length++) {
            next[length + 1] = (next[length] + ofLength[length]) << 1;
        }
        for (int symbol = 0; symbol < lengths.length; symbol++) {
            int length = lengths[symbol];
            if (length > 0) {
                codes[symbol] = ((Integer.reverse(next[length]++) >>> (32 - length)) << 4) | length;
            }
        }
    }
}
