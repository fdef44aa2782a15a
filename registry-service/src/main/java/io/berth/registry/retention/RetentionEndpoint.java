package io.berth.registry.retention;

import java.util.List;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;

/**
 * Retention for the operator, at {@code /actuator/retention}; the gateway leads nobody there.
 *
 * <p>GET says what no rule keeps now, and changes nothing; POST does what is done from time to time and says what it found:
 *
 * <pre>[{"repository": "team/app", "tag": "pr-17", "digest": "sha256:…", "since": "2026-01-01T00:00:00Z", "removed": true}]</pre>
 */
@Component
@Endpoint(id = "retention")
class RetentionEndpoint {
    private final Retention retention;

    RetentionEndpoint(Retention retention) {
        this.retention = retention;
    }

    @ReadOperation
    List<Retention.Expiring> preview() {
        return retention.preview();
    }

    @WriteOperation
    List<Retention.Expiring> run() {
        return retention.run();
    }
}
