package io.berth.gateway.health;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The state of the whole platform.
 *
 * <pre>{"status":"UP","services":{"engine":{"status":"UP","millis":2},…}}</pre>
 *
 * @param status {@code UP} when every service is
 * @param services by name, in a fixed order
 */
public record PlatformState(String status, Map<String, ServiceState> services) {
    public PlatformState {
        services = Collections.unmodifiableMap(new LinkedHashMap<>(services));
    }

    public boolean healthy() {
        return status.equals("UP");
    }
}
