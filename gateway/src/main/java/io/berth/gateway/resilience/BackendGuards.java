package io.berth.gateway.resilience;

import io.berth.gateway.route.Backend;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.micrometer.tagged.TaggedBulkheadMetrics;
import io.github.resilience4j.micrometer.tagged.TaggedCircuitBreakerMetrics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The guards of all backends, one each. Immutable and thread-safe. */
public final class BackendGuards implements MeterBinder {
    private final GuardSettings settings;
    private final CircuitBreakerRegistry breakers;
    private final BulkheadRegistry bulkheads;
    private final Map<Backend, BackendGuard> guards;

    public BackendGuards(GuardSettings settings) {
        this.settings = settings;
        breakers = CircuitBreakerRegistry.of(CircuitBreakerConfig.custom()
                .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                .slidingWindowSize(settings.windowSize())
                .minimumNumberOfCalls(settings.minimumCalls())
                .failureRateThreshold(settings.failureRatePercent())
                .waitDurationInOpenState(settings.openFor())
                .permittedNumberOfCallsInHalfOpenState(settings.probes())
                // A probe that never gets an answer must not hold the breaker half open for ever.
                .maxWaitDurationInHalfOpenState(settings.openFor().multipliedBy(3))
                .build());
        bulkheads = BulkheadRegistry.of(BulkheadConfig.custom()
                .maxConcurrentCalls(settings.maxConcurrent())
                .maxWaitDuration(Duration.ZERO)
                .build());
        Map<Backend, BackendGuard> all = new EnumMap<>(Backend.class);
        for (Backend backend : Backend.values()) {
            all.put(
                    backend,
                    new BackendGuard(
                            backend,
                            settings.openFor(),
                            settings.restartPatience(),
                            breakers.circuitBreaker(backend.id()),
                            new Places("waiting requests", settings.maxConcurrent(), settings.share()),
                            bulkheads.bulkhead(backend.id())));
        }
        guards = Collections.unmodifiableMap(all);
    }

    /** Guards of the same settings for another node's services; they are not among the meters. */
    public BackendGuards again() {
        return new BackendGuards(settings);
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
        for (BackendGuard guard : guards.values()) {
            Shares.bind(registry, guard.waiting(), guard.backend().id());
            counter(registry, guard, "berth.gateway.requests", state -> state.requests());
            counter(registry, guard, "berth.gateway.failures", state -> state.failures());
            counter(registry, guard, "berth.gateway.refusals", state -> state.refusals());
            counter(registry, guard, "berth.gateway.retries", state -> state.retries());
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
