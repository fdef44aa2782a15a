package io.berth.gateway.health;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state of the whole platform.
 *
 * <pre>{"status":"UP","services":{"engine":{"status":"UP","millis":2},…},"nodes":{"n2":{"status":"DOWN","cause":"…"}}}</pre>
 *
 * @param status {@code UP} when every service and every node is, {@code DEGRADED} when nodes are lost that others do without, {@code DOWN}
 *     when a service is
 * @param services by name, in a fixed order
 * @param nodes by name, in the order in which they were registered; absent while there is one node only
 */
public record PlatformState(
        String status,
        Map<String, ServiceState> services,
        @Nullable Map<String, NodeState> nodes) {
    /**
     * Whether a node's engine and image service answer.
     *
     * @param status {@code UP} or {@code DOWN}
     * @param cause what is wrong with it, or null
     */
    public record NodeState(String status, @Nullable String cause) {}

    public PlatformState {
        services = Collections.unmodifiableMap(new LinkedHashMap<>(services));
        nodes = nodes == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(nodes));
    }

    /** Whether the platform serves its clients, if not from every node. */
    public boolean healthy() {
        return !status.equals("DOWN");
    }
}
