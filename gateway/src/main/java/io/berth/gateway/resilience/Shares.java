package io.berth.gateway.resilience;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Locale;

/** What callers hold open at the gateway, by kind. Thread-safe. */
public final class Shares implements MeterBinder {
    private final Places streams;
    private final Places uploads;
    private final Places connections;

    public Shares(ShareSettings settings) {
        streams = new Places("streams", settings.streams(), settings.share());
        uploads = new Places("uploads", settings.uploads(), settings.share());
        connections = new Places("connections", settings.connections(), settings.share());
    }

    /** Of calls that may take any time. */
    public Places streams() {
        return streams;
    }

    /** Of bodies that are being received. */
    public Places uploads() {
        return uploads;
    }

    /** Of connections over the network. */
    public Places connections() {
        return connections;
    }

    /** Publishes {@code berth.gateway.places} (taken now) and {@code berth.gateway.limited} (refused), by kind. */
    @Override
    public void bindTo(MeterRegistry registry) {
        for (Places places : List.of(streams, uploads, connections)) {
            bind(registry, places, "");
        }
    }

    /** @param backend whose places these are; empty for none */
    static void bind(MeterRegistry registry, Places places, String backend) {
        Gauge.builder("berth.gateway.places", places, Places::byOperators)
                .tags("kind", places.kind(), "backend", backend, "callers", "operators")
                .register(registry);
        Gauge.builder("berth.gateway.places", places, Places::byOthers)
                .tags("kind", places.kind(), "backend", backend, "callers", "others")
                .register(registry);
        for (Shortage shortage : Shortage.values()) {
            FunctionCounter.builder("berth.gateway.limited", places, source -> source.refused(shortage))
                    .tags(
                            "kind",
                            places.kind(),
                            "backend",
                            backend,
                            "reason",
                            shortage.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
    }
}
