package io.berth.gateway.resilience;

import io.berth.gateway.route.Backend;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Keeps a failing or overloaded backend from harming the rest: a circuit breaker refuses at once while the backend does
 * not answer, a bulkhead bounds how many requests may wait for it. A request counts as waiting until its response head
 * arrives, so long streams do not use the bulkhead up. Thread-safe; never blocks.
 */
public final class BackendGuard {
    private final Backend backend;
    private final Duration openFor;
    private final CircuitBreaker breaker;
    private final Bulkhead bulkhead;
    private final LongAdder requests = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder refusals = new LongAdder();

    /**
     * @param openFor how long the breaker stays open, to tell clients
     */
    BackendGuard(Backend backend, Duration openFor, CircuitBreaker breaker, Bulkhead bulkhead) {
        this.backend = backend;
        this.openFor = openFor;
        this.breaker = breaker;
        this.bulkhead = bulkhead;
    }

    /** Asks for leave to send one request. */
    public Admission admit() {
        requests.increment();
        if (!breaker.tryAcquirePermission()) {
            refusals.increment();
            return new Admission.Refusal(
                    backend.label() + " is unavailable: its last requests failed, waiting for it to recover", openFor);
        }
        if (!bulkhead.tryAcquirePermission()) {
            breaker.releasePermission();
            refusals.increment();
            return new Admission.Refusal(
                    backend.label() + " is unavailable: too many requests are waiting for it", Duration.ofSeconds(1));
        }
        return new GuardedCall();
    }

    public Backend backend() {
        return backend;
    }

    /** What the guard has seen so far. */
    public GuardState state() {
        Bulkhead.Metrics waiting = bulkhead.getMetrics();
        return new GuardState(
                breaker.getState().name(),
                requests.sum(),
                failures.sum(),
                refusals.sum(),
                waiting.getMaxAllowedConcurrentCalls() - waiting.getAvailableConcurrentCalls());
    }

    private final class GuardedCall implements Admission.Permit {
        private final long startNanos = System.nanoTime();
        private boolean settled;

        @Override
        public void responded() {
            if (settle()) {
                breaker.onSuccess(System.nanoTime() - startNanos, TimeUnit.NANOSECONDS);
            }
        }

        @Override
        public void failed(Throwable cause) {
            if (settle()) {
                failures.increment();
                breaker.onError(System.nanoTime() - startNanos, TimeUnit.NANOSECONDS, cause);
            }
        }

        @Override
        public void cancelled() {
            if (settle()) {
                breaker.releasePermission();
            }
        }

        private boolean settle() {
            if (settled) {
                return false;
            }
            settled = true;
            bulkhead.releasePermission();
            return true;
        }
    }
}
