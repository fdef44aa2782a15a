package io.berth.gateway.dashboard;

import io.berth.gateway.health.PlatformHealth;
import io.berth.gateway.resilience.BackendGuard;
import io.berth.gateway.resilience.BackendGuards;
import io.berth.gateway.resilience.GuardState;
import io.berth.gateway.transport.Transport;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** Takes snapshots of the platform for the dashboard. Thread-safe. */
public final class PlatformViews {
    private final PlatformHealth health;
    private final BackendGuards guards;
    private final Transport transport;

    public PlatformViews(PlatformHealth health, BackendGuards guards, Transport transport) {
        this.health = health;
        this.guards = guards;
        this.transport = transport;
    }

    /** Asks the services for their health, so it may take a second. */
    public PlatformView now() {
        Map<String, GuardState> backends = new LinkedHashMap<>();
        for (BackendGuard guard : guards.all()) {
            backends.put(guard.backend().id(), guard.state());
        }
        long uptimeSeconds = ManagementFactory.getRuntimeMXBean().getUptime() / 1000;
        return new PlatformView(
                Instant.now().truncatedTo(ChronoUnit.MILLIS),
                Duration.ofSeconds(uptimeSeconds),
                health.state(),
                backends,
                transport.directMemory());
    }
}
