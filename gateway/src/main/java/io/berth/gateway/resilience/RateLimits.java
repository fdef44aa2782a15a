package io.berth.gateway.resilience;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How many requests each client may make. A client of a role without a limit is not counted. Thread-safe; never blocks.
 */
public final class RateLimits {
    /** Clients that are remembered. One that is forgotten begins anew, which needs this many others since its last call. */
    private static final int MAX_CLIENTS = 10_000;

    private final Map<String, RateLimit> byRole;
    /** Guarded by itself; in the order of their last calls. */
    private final Map<Caller, RateLimiter> limiters = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Caller, RateLimiter> eldest) {
            return size() > MAX_CLIENTS;
        }
    };

    public RateLimits(Map<String, RateLimit> byRole) {
        this.byRole = Map.copyOf(byRole);
    }

    /** Limits that limit nobody. */
    public static RateLimits none() {
        return new RateLimits(Map.of());
    }

    /** Counts a request; what comes back, if anything, says that it must not go and when another may. */
    public Optional<Duration> exceeded(Caller caller) {
        RateLimit limit = byRole.get(caller.role());
        if (limit == null || limiter(caller, limit).acquirePermission()) {
            return Optional.empty();
        }
        return Optional.of(limit.per());
    }

    private RateLimiter limiter(Caller caller, RateLimit limit) {
        synchronized (limiters) {
            return limiters.computeIfAbsent(
                    caller,
                    _ -> RateLimiter.of(
                            caller.role(),
                            RateLimiterConfig.custom()
                                    .limitForPeriod(limit.requests())
                                    .limitRefreshPeriod(limit.per())
                                    .timeoutDuration(Duration.ZERO)
                                    .build()));
        }
    }
}
