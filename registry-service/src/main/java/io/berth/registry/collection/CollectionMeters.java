package io.berth.registry.collection;

import io.berth.registry.storage.ContentRemovals;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.stereotype.Component;

/** How collection and scrub get on, as meters {@code registry.gc.*} and {@code registry.scrub.*}. Thread-safe. */
@Component
class CollectionMeters {
    private final MeterRegistry meters;
    private final Counter reclaimed;
    private final Counter verified;
    private final Counter damaged;
    private final AtomicLong waitingBytes = new AtomicLong();

    CollectionMeters(MeterRegistry meters) {
        this.meters = meters;
        reclaimed = Counter.builder("registry.gc.reclaimed").baseUnit("bytes").register(meters);
        verified = Counter.builder("registry.scrub.verified").baseUnit("bytes").register(meters);
        damaged = meters.counter("registry.scrub.damaged");
        meters.gauge("registry.gc.waiting", waitingBytes);
    }

    /** One thing has gone: a manifest, link or blob. */
    void removed(String kind) {
        meters.counter("registry.gc.removed", "kind", kind).increment();
    }

    /** Content has gone from the storage. */
    void reclaimed(long bytes) {
        meters.counter("registry.gc.removed", "kind", "content").increment();
        reclaimed.increment((double) bytes);
    }

    void waiting(ContentRemovals.Waiting waiting) {
        waitingBytes.set(waiting.sizeBytes());
    }

    /** Content was read again. */
    void verified(long bytes, boolean whole) {
        verified.increment((double) bytes);
        if (!whole) {
            damaged.increment();
        }
    }
}
