package io.berth.gateway.resilience;

/**
 * How much of what there is for all one caller may take.
 *
 * @param percent of all places, for each caller but operators; 1 to 100
 * @param reservePercent of all places that only operators may take; 0 to 90
 */
public record Share(int percent, int reservePercent) {
    /** Everything for everybody. */
    public static final Share WHOLE = new Share(100, 0);

    int of(int total) {
        return Math.max(1, (int) ((long) total * percent / 100));
    }

    int reserve(int total) {
        return (int) ((long) total * reservePercent / 100);
    }
}
