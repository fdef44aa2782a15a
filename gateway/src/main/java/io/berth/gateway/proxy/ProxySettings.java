package io.berth.gateway.proxy;

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
 * @param clientIdle longest time that a client's connection may stay without a complete request head
 * @param maxIdle idle connections kept per backend and event loop
 * @param allowedHosts host names, lower case, that TCP clients may use besides addresses and {@code localhost}
 */
public record ProxySettings(
        Map<Backend, Path> sockets,
        Duration connectTimeout,
        Duration responseTimeout,
        Duration clientIdle,
        int maxIdle,
        Set<String> allowedHosts) {
    public ProxySettings {
        sockets = Map.copyOf(sockets);
        allowedHosts = Set.copyOf(allowedHosts);
        for (Backend backend : Backend.values()) {
            if (!sockets.containsKey(backend)) {
                throw new IllegalArgumentException("no socket for backend " + backend.id());
            }
        }
    }
}
