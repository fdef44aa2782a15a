package io.berth.bench;

import java.util.Arrays;

/** Durations of one operation in nanoseconds. Not thread-safe. */
final class Samples {
    private long[] nanos = new long[256];
    private int count;

    void add(long value) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, count * 2);
        }
        nanos[count++] = value;
    }

    void addAll(Samples more) {
        for (int i = 0; i < more.count; i++) {
            add(more.nanos[i]);
        }
    }

    int count() {
        return count;
    }

    /**
     * The smallest sample that at least this part of all samples does not exceed (nearest rank).
     *
     * @param part 0 to 1; 0 gives the minimum
     * @return milliseconds
     */
    double quantileMillis(double part) {
        if (count == 0) {
            return Double.NaN;
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        int rank = (int) Math.ceil(part * count);
        return sorted[Math.clamp(rank - 1, 0, count - 1)] / 1e6;
    }
}
