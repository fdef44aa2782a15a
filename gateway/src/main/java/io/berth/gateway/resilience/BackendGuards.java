package io.berth.gateway.resilience;

import io.berth.gateway.route.Backend;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.micrometer.tagged.TaggedBulkheadMetrics;
import io.github.resilience4j.micrometer.tagged.TaggedCircuitBreakerMetrics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The guards of all backends, one each. Immutable and thread-safe. */
public final class BackendGuards implements MeterBinder {
    private final Map<Backend, BackendGuard> guards;

    public BackendGuards(GuardSettings settings) {
        Map<Backend, BackendGuard> all = new EnumMap<>(Backend.class);
        for (Backend backend : Backend.values()) {
            all.put(backend, new BackendGuard(backend, settings));
        }
        guards = Collections.unmodifiableMap(all);
    }

    public BackendGuard of(Backend backend) {
        BackendGuard guard = guards.get(backend);
        if (guard == null) {
            throw new IllegalStateException("no guard for " + backend);
        }
        return guard;
    }

    public Collection<BackendGuard> all() {
        return guards.values();
    }

    /** Publishes {@code resilience4j.*} and {@code berth.gateway.*} meters with a tag for the backend. */
    @Override
    public void bindTo(MeterRegistry registry) {
        CircuitBreakerRegistry breakers = CircuitBreakerRegistry.ofDefaults();
        BulkheadRegistry bulkheads = BulkheadRegistry.ofDefaults();
        for (BackendGuard guard : guards.values()) {
            breakers.replace(guard.backend().id(), guard.breaker());
            bulkheads.replace(guard.backend().id(), guard.bulkhead());
            counter(registry, guard, "berth.gateway.requests", state -> state.requests());
            counter(registry, guard, "berth.gateway.failures", state -> state.failures());
            counter(registry, guard, "berth.gateway.refusals", state -> state.refusals());
        }
        TaggedCircuitBreakerMetrics.ofCircuitBreakerRegistry(breakers).bindTo(registry);
        TaggedBulkheadMetrics.ofBulkheadRegistry(bulkheads).bindTo(registry);
    }

    private static void counter(
            MeterRegistry registry, BackendGuard guard, String name, ToDoubleFunction<GuardState> value) {
        FunctionCounter.builder(name, guard, source -> value.applyAsDouble(source.state()))
                .tag("backend", guard.backend().id())
                .register(registry);
    }
}
