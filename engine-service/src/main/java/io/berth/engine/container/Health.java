package io.berth.engine.container;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a container's health (moby: daemon/health.go).
 *
 * @param failingStreak failures in a row
 * @param log the last {@value #KEPT} results, oldest first
 */
public record Health(Status status, int failingStreak, List<Probe> log) {
    private static final int KEPT = 5;

    public Health {
        log = List.copyOf(log);
    }

    /** Docker's words. */
    public enum Status {
        STARTING,
        HEALTHY,
        UNHEALTHY;

        /** Such as {@code healthy}. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The result of one probe.
     *
     * @param exitCode 0 is healthy; -1 when it did not end in time or could not be started
     * @param output its beginning, or why there is none
     */
    public record Probe(Instant start, Instant end, int exitCode, String output) {}

    /** The container has been started; the results of its last run are kept. */
    static Health starting(@Nullable Health before) {
        return new Health(Status.STARTING, 0, before == null ? List.of() : before.log());
    }

    /** Nobody looks any more, since it stopped or was paused: unhealthy, as in Docker. */
    Health unwatched() {
        return new Health(Status.UNHEALTHY, failingStreak, log);
    }

    /** After a further probe. */
    Health after(Probe probe, HealthCheck check, Instant startedAt) {
        List<Probe> results = new ArrayList<>(log);
        if (results.size() >= KEPT) {
            results.subList(0, results.size() + 1 - KEPT).clear();
        }
        results.add(probe);
        if (probe.exitCode() == 0) {
            return new Health(Status.HEALTHY, 0, results);
        }
        boolean excused = status == Status.STARTING
                && Duration.between(startedAt, probe.start()).compareTo(check.startPeriod()) < 0;
        if (excused) {
            return new Health(status, failingStreak, results);
        }
        int streak = failingStreak + 1;
        return new Health(streak >= check.retries() ? Status.UNHEALTHY : status, streak, results);
    }
}
