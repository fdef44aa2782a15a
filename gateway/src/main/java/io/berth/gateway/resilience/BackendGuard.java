package io.berth.gateway.resilience;

import io.berth.gateway.route.Backend;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.io.FileNotFoundException;
import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a failing or overloaded backend from harming the rest: a circuit breaker refuses at once while the backend does
 * not answer, a bulkhead bounds how many requests may wait for it, and of these each caller may have a share, so that one's waiting
 * requests are not in everybody's way. A request counts as waiting until its response head
 * arrives, so long streams do not use the bulkhead up. For a short time after a backend has stopped to accept connections
 * requests may wait for it, since it may be restarting; later they fail at once. Thread-safe; never blocks.
 */
public final class BackendGuard {
    private final Backend backend;
    private final Duration openFor;
    private final Duration restartPatience;
    private final CircuitBreaker breaker;
    private final Places waiting;
    private final Bulkhead bulkhead;
    private final LongAdder requests = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder refusals = new LongAdder();
    private final LongAdder retries = new LongAdder();
    /** When the backend first refused a connection since it last accepted one, by {@link System#nanoTime}; 0 for never. */
    private final AtomicLong unreachableSince = new AtomicLong();

    private volatile GuardState.@Nullable Failure lastFailure;

    /**
     * @param openFor how long the breaker stays open, to tell clients
     * @param restartPatience how long the backend may be unreachable before requests no longer wait for it
     * @param waiting how those places are shared that the bulkhead has
     */
    BackendGuard(
            Backend backend,
            Duration openFor,
            Duration restartPatience,
            CircuitBreaker breaker,
            Places waiting,
            Bulkhead bulkhead) {
        this.backend = backend;
        this.openFor = openFor;
        this.restartPatience = restartPatience;
        this.breaker = breaker;
        this.waiting = waiting;
        this.bulkhead = bulkhead;
    }

    /** Asks for leave to send one request. */
    public Admission admit(Caller caller) {
        requests.increment();
        if (!breaker.tryAcquirePermission()) {
            refusals.increment();
            return new Admission.Refusal(
                    503,
                    breaker.getState() == CircuitBreaker.State.FORCED_OPEN
                            ? backend.label() + " is unavailable: an operator has taken it out of service"
                            : backend.label() + " is unavailable: its last requests failed, waiting for it to recover",
                    openFor);
        }
        Optional<Shortage> shortage = waiting.take(caller);
        if (shortage.filter(Shortage.OWN_SHARE::equals).isPresent()) {
            breaker.releasePermission();
            refusals.increment();
            return new Admission.Refusal(
                    Shortage.OWN_SHARE.status(),
                    backend.label() + " is busy: too many requests of this client are waiting for it",
                    Duration.ofSeconds(1));
        }
        boolean admitted = shortage.isEmpty() && bulkhead.tryAcquirePermission();
        if (!admitted) {
            if (shortage.isEmpty()) {
                waiting.release(caller);
            }
            breaker.releasePermission();
            refusals.increment();
            return new Admission.Refusal(
                    503,
                    backend.label() + " is unavailable: too many requests are waiting for it",
                    Duration.ofSeconds(1));
        }
        return new GuardedCall(caller);
    }

    /** Has the breaker do what an operator wants. */
    public void command(BreakerCommand command) {
        switch (command) {
            case CLOSED -> breaker.reset();
            case OPEN -> breaker.transitionToForcedOpenState();
            case HALF_OPEN -> {
                if (breaker.getState() == CircuitBreaker.State.CLOSED) {
                    // There is no direct way; what is refused in between comes back.
                    breaker.transitionToOpenState();
                }
                breaker.transitionToHalfOpenState();
            }
            case DISABLED -> breaker.transitionToDisabledState();
        }
    }

    /** Places of requests that wait. */
    Places waiting() {
        return waiting;
    }

    public Backend backend() {
        return backend;
    }

    /** What the guard has seen so far. */
    public GuardState state() {
        Bulkhead.Metrics places = bulkhead.getMetrics();
        return new GuardState(
                breaker.getState().name(),
                requests.sum(),
                failures.sum(),
                refusals.sum(),
                retries.sum(),
                places.getMaxAllowedConcurrentCalls() - places.getAvailableConcurrentCalls(),
                TimeUnit.NANOSECONDS.toMillis(unreachableNanos()),
                lastFailure);
    }

    private long unreachableNanos() {
        long since = unreachableSince.get();
        return since == 0 ? 0 : Math.max(1, System.nanoTime() - since);
    }

    private final class GuardedCall implements Admission.Permit {
        private final Caller caller;
        private final long startNanos = System.nanoTime();
        private boolean settled;

        GuardedCall(Caller caller) {
            this.caller = caller;
        }

        @Override
        public void connected() {
            if (unreachableSince.get() != 0) {
                unreachableSince.set(0);
            }
        }

        @Override
        public boolean refusedConnection() {
            // Zero means reachable, so the clock's lowest bit is given away.
            unreachableSince.compareAndSet(0, System.nanoTime() | 1);
            return unreachableNanos() < restartPatience.toNanos();
        }

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
                lastFailure = new GuardState.Failure(Instant.now(), describe(cause));
                breaker.onError(System.nanoTime() - startNanos, TimeUnit.NANOSECONDS, cause);
            }
        }

        @Override
        public void cancelled() {
            if (settle()) {
                breaker.releasePermission();
            }
        }

        @Override
        public void retried() {
            retries.increment();
        }

        private static String describe(Throwable cause) {
            String message = cause.getMessage();
            return switch (cause) {
                case ConnectException _ -> "nothing listens on its socket";
                case FileNotFoundException _ -> "its socket does not exist";
                default -> message == null ? cause.getClass().getSimpleName() : message;
            };
        }

        private boolean settle() {
            if (settled) {
                return false;
            }
            settled = true;
            bulkhead.releasePermission();
            waiting.release(caller);
            return true;
        }
    }
}
