package io.berth.registry.mirror;

import java.util.List;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;

/**
 * Mirroring for the operator, at {@code /actuator/mirrors}; the gateway leads nobody there. GET says how the last look went, POST
 * looks at once:
 *
 * <pre>[{"direction": "pull", "repository": "mirror/app", "registry": "registry.example", "remoteRepository": "team/app",
 * "ranAt": "2026-01-01T00:00:00Z", "copied": 1, "failed": 0}]</pre>
 */
@Component
@Endpoint(id = "mirrors")
class MirrorsEndpoint {
    private final Mirroring mirroring;

    MirrorsEndpoint(Mirroring mirroring) {
        this.mirroring = mirroring;
    }

    @ReadOperation
    List<Mirroring.State> states() {
        return mirroring.states();
    }

    @WriteOperation
    List<Mirroring.State> run() {
        return mirroring.run();
    }
}
