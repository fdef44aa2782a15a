package io.berth.engine.network.dns;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Things that end by themselves a fixed time after they were touched last. As the time is the same for all, they are in order of
 * their ends, and every operation takes constant time. On one thread only.
 *
 * @param <T> compared by identity
 */
final class Expiry<T> {
    private final long after;
    private final Consumer<T> end;
    private final LinkedHashMap<T, Long> deadlines = new LinkedHashMap<>();

    Expiry(Duration after, Consumer<T> end) {
        this.after = after.toNanos();
        this.end = end;
    }

    /** Begins or prolongs something's time. */
    void touch(T thing) {
        deadlines.putLast(thing, System.nanoTime() + after);
    }

    void remove(T thing) {
        deadlines.remove(thing);
    }

    /** Nanoseconds until the next one is due, negative when it is overdue; {@code Long.MAX_VALUE} when there is none. */
    long nanosToNext(long now) {
        Map.Entry<T, Long> first = deadlines.firstEntry();
        return first == null ? Long.MAX_VALUE : first.getValue() - now;
    }

    /** Ends, and forgets, what is due. */
    void expire(long now) {
        while (nanosToNext(now) <= 0) {
            end.accept(deadlines.pollFirstEntry().getKey());
        }
    }
}
