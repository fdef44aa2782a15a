package io.berth.linux.cgroup;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Time of real-time scheduling classes in version 1 (sched-rt-group.rst). A group may hand out to the groups below it what it
 * has itself, and at first it has none: so the groups above one that gets time are given as much more as is missing.
 */
final class RealtimeBudget {
    private static final String RUNTIME = "cpu.rt_runtime_us";
    private static final String PERIOD = "cpu.rt_period_us";
    /** Ratios are this much rounded up, so that what the kernel rounds never makes the sum too small. */
    private static final double ROUNDING_MICROS = 1;
    /** Two groups that are made at once must not both count on what only one can have. */
    private static final ReentrantLock LOCK = new ReentrantLock();

    private RealtimeBudget() {}

    /**
     * Sets a group's time; null leaves it.
     *
     * @param hierarchy where the controller is mounted: the group that has all there is
     * @throws UncheckedIOException when there is not as much
     */
    static void set(Path hierarchy, Path group, @Nullable Long periodMicros, @Nullable Long runtimeMicros) {
        if (periodMicros == null && runtimeMicros == null) {
            return;
        }
        LOCK.lock();
        try {
            long period = periodMicros == null ? micros(group, PERIOD) : periodMicros;
            long runtime = runtimeMicros == null ? micros(group, RUNTIME) : runtimeMicros;
            if (runtime > 0 && period > 0) {
                provide(hierarchy, group, (double) runtime / period);
            }
            write(group, PERIOD, periodMicros);
            write(group, RUNTIME, runtimeMicros);
        } finally {
            LOCK.unlock();
        }
    }

    /** Has the group above one able to give it a share of the time. */
    private static void provide(Path hierarchy, Path group, double share) {
        Path above = group.getParent();
        if (above == null || above.equals(hierarchy)) {
            return;
        }
        double needed = share;
        for (String sibling : CgroupFiles.childNames(above)) {
            Path other = above.resolve(sibling);
            if (!other.equals(group)) {
                needed += share(other);
            }
        }
        if (needed > share(above)) {
            provide(hierarchy, above, needed);
            write(above, RUNTIME, (long) Math.ceil(needed * micros(above, PERIOD) + ROUNDING_MICROS));
        }
    }

    private static double share(Path group) {
        long period = micros(group, PERIOD);
        return period <= 0 ? 0 : (double) micros(group, RUNTIME) / period;
    }

    /** Zero for a group that has been removed meanwhile. */
    private static long micros(Path group, String file) {
        String text = CgroupFiles.readIfPresent(group.resolve(file));
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }

    private static void write(Path group, String file, @Nullable Long micros) {
        if (micros != null && Files.exists(group.resolve(file))) {
            CgroupFiles.write(group.resolve(file), micros.toString());
        }
    }
}
