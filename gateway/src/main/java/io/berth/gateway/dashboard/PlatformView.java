package io.berth.gateway.dashboard;

import io.berth.gateway.health.PlatformState;
import io.berth.gateway.resilience.GuardState;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What {@code GET /api/platform} shows.
 *
 * @param time of the snapshot
 * @param uptime of the gateway
 * @param health of the services
 * @param backends guards by backend name
 * @param directMemoryBytes held by the data plane's buffer pool
 */
public record PlatformView(
        Instant time, Duration uptime, PlatformState health, Map<String, GuardState> backends, long directMemoryBytes) {
    public PlatformView {
        backends = Collections.unmodifiableMap(new LinkedHashMap<>(backends));
    }
}
