package io.berth.archive;

/**
 * A part of data as deflate says it: runs of literals, each with a match behind it, and what is left. For one thread; its arrays are
 * open to those who go through them.
 */
final class DeflateRuns {
    private static final int LONGEST = 258;
    private static final int SHORTEST = 4;

    /** How many literals come before the match; may be 0. */
    final int[] literals;
    /** Of the match: 4 to 258. */
    final int[] lengths;
    /** How far back it reaches: 1 to 32768. */
    final int[] distances;

    int count;

    /** @param most matches */
    DeflateRuns(int most) {
        literals = new int[most + 1];
        lengths = new int[most + 1];
        distances = new int[most + 1];
    }

    /** Adds a run and a match, or the matches that it takes to say a long one. */
    void add(int run, int length, int distance) {
        int before = run;
        int left = length;
        while (left > 0) {
            int now = Math.min(left, LONGEST);
            if (left > LONGEST && left < LONGEST + SHORTEST) {
                now = LONGEST - SHORTEST; // so that the rest is long enough to be one
            }
            literals[count] = before;
            lengths[count] = now;
            distances[count] = distance;
            count++;
            before = 0;
            left -= now;
        }
    }

    /**
     * Counts symbols.
     *
     * @param symbols counts of literals, lengths and the end
     * @param offsets counts of distances
     */
    void count(int[] symbols, int[] offsets, byte[] source, int from, int to) {
        int at = from;
        for (int i = 0; i < count; i++) {
            count(symbols, source, at, at + literals[i]);
            symbols[DeflateBits.lengthSymbol(lengths[i])]++;
            offsets[DeflateBits.distanceSymbol(distances[i])]++;
            at += literals[i] + lengths[i];
        }
        count(symbols, source, at, to);
        symbols[DeflateBits.END]++;
    }

    private static void count(int[] symbols, byte[] source, int from, int to) {
        for (int at = from; at < to; at++) {
            symbols[source[at] & 0xff]++;
        }
    }
}
