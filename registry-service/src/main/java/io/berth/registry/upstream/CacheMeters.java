package io.berth.registry.upstream;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.stereotype.Component;

/** How well the cache does: {@code berth.registry.pull_through.requests} by upstream and outcome. Thread-safe. */
@Component
class CacheMeters {
    private final MeterRegistry meters;

    CacheMeters(MeterRegistry meters) {
        this.meters = meters;
    }

    /** How a request was answered. */
    enum Outcome {
        /** From what was here. */
        HIT,
        /** Fetched. */
        MISS,
        /** From what was here, though the registry should have been asked and could not be. */
        STALE,
        /** Not at all. */
        FAILURE
    }

    void count(Upstream upstream, Outcome outcome) {
        String word =
                switch (outcome) {
                    case HIT -> "hit";
                    case MISS -> "miss";
                    case STALE -> "stale";
                    case FAILURE -> "failure";
                };
        meters.counter("berth.registry.pull_through.requests", "upstream", upstream.registry(), "outcome", word)
                .increment();
    }

    void fetched(Upstream upstream, long bytes) {
        meters.counter("berth.registry.pull_through.fetched", "upstream", upstream.registry())
                .increment((double) bytes);
    }
}
