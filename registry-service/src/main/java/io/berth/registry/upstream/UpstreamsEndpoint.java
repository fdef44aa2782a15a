package io.berth.registry.upstream;

import java.util.List;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.stereotype.Component;

/**
 * The registries that are cached, for the operator, at {@code /actuator/upstreams}; the gateway leads nobody there.
 *
 * <pre>[{"registry": "docker.io", "prefix": "hub", "down": false}]</pre>
 */
@Component
@Endpoint(id = "upstreams")
class UpstreamsEndpoint {
    private final Upstreams upstreams;

    UpstreamsEndpoint(Upstreams upstreams) {
        this.upstreams = upstreams;
    }

    /** @param down whether it did not answer a moment ago */
    record State(String registry, String prefix, boolean down) {}

    @ReadOperation
    List<State> list() {
        return upstreams.all().stream()
                .map(upstream -> new State(upstream.registry(), upstream.prefix(), upstream.isDown()))
                .toList();
    }
}
