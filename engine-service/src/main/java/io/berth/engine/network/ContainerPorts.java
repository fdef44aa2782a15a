package io.berth.engine.network;

import io.berth.docker.error.SystemFailure;
import java.net.InetAddress;
import java.util.List;
import org.springframework.stereotype.Component;

/** Takes the host's ports that containers are published at. */
@Component
final class ContainerPorts {
    private final HostPorts hostPorts;
    private final InetAddress hostAddress;

    ContainerPorts(HostPorts hostPorts, NetworkProperties properties) {
        this.hostPorts = hostPorts;
        this.hostAddress = InetAddress.ofLiteral(properties.hostAddress());
    }

    /** Nothing taken yet. */
    Publication publication(NetworkRequest request) {
        return new Publication(wishes(request), hostPorts, hostAddress);
    }

    static List<PortSpec> wishes(NetworkRequest request) {
        return PortSpec.of(
                request.host().portBindings(),
                request.exposedPorts(),
                request.host().publishAllPorts());
    }

    /**
     * Takes what a container's connections let be published.
     *
     * @throws SystemFailure when a port is in use, in moby's words
     */
    static void take(Connections made) {
        try {
            made.publication().take(made.all());
            made.publish();
        } catch (SystemFailure e) {
            String id = Gateways.choose(made.all(), true)
                    .or(() -> Gateways.choose(made.all(), false))
                    .map(connection -> connection.endpoint().id())
                    .orElse("");
            throw new SystemFailure(
                    "driver failed programming external connectivity on endpoint "
                            + made.request().containerName() + " (" + id + "): " + e.text(),
                    e);
        }
    }
}
