package io.berth.unixhttp;

import java.util.Map;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;

/**
 * What every service answers to {@code /actuator/info}, from which the gateway makes {@code /version}.
 *
 * <pre>{"service": {"name": "registry-service", "version": "0.1.0", "details": {"GitCommit": "1a2b3c4", "JavaVersion": "25.0.1"}}}</pre>
 */
final class ServiceInfo implements InfoContributor {
    private final String name;
    private final Map<String, String> details;

    ServiceInfo(String name, ServiceDetails more) {
        this.name = name;
        this.details = Build.current().details(more.values());
    }

    @Override
    public void contribute(Info.Builder builder) {
        builder.withDetail(
                "service", Map.of("name", name, "version", Build.current().version(), "details", details));
    }
}
