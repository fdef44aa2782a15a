package io.berth.gateway.proxy;

import io.berth.gateway.resilience.ShareSettings;
import io.berth.gateway.route.Backend;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * How the data plane works.
 *
 * @param sockets the Unix socket of each backend
 * @param connectTimeout longest time to connect to a backend
 * @param responseTimeout longest silence between a complete request and its response head, for routes that are not
 *     long-running
 * @param routeTimeouts the same for single routes, by {@link io.berth.gateway.route.Route#name}
 * @param clientIdle longest time that a client's connection may stay without a request
 * @param maxIdle idle connections kept per backend and event loop
 * @param limits of what clients may send
 * @param shares what each caller may hold open
 * @param allowedHosts host names, lower case, that TCP clients may use besides addresses and {@code localhost}
 */
public record ProxySettings(
        Map<Backend, Path> sockets,
        Duration connectTimeout,
        Duration responseTimeout,
        Map<String, Duration> routeTimeouts,
        Duration clientIdle,
        int maxIdle,
        ClientLimits limits,
        ShareSettings shares,
        Set<String> allowedHosts) {
    public ProxySettings {
        sockets = Map.copyOf(sockets);
        routeTimeouts = Map.copyOf(routeTimeouts);
        allowedHosts = Set.copyOf(allowedHosts);
        for (Backend backend : Backend.values()) {
            if (!sockets.containsKey(backend)) {
                throw new IllegalArgumentException("no socket for backend " + backend.id());
            }
        }
    }
}
