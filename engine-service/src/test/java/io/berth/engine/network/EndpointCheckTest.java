package io.berth.engine.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.docker.network.EndpointConfig;
import io.berth.docker.network.EndpointConfig.EndpointIpamConfig;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointCheckTest {
    private static List<String> errors(String linkLocal) {
        EndpointIpamConfig ipam = new EndpointIpamConfig(null, null, List.of(linkLocal));
        return EndpointCheck.errors(new EndpointConfig(ipam, null, null, null, null, 0), Optional.empty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"169.254.8.8", "fe80::8"})
    void addressesOfTheLinkAreTaken(String address) {
        assertThat(errors(address)).isEmpty();
    }

    /** What is no address of the link may be a neighbour's, or the gateway's. */
    @ParameterizedTest
    @ValueSource(
            strings = {"172.17.0.1", "0.0.0.0", "127.0.0.1", "224.0.0.1", "fd00::1", "::", "", "host", "169.254.8.8/16"
            })
    void othersAreNot(String address) {
        assertThat(errors(address)).containsExactly("invalid link-local IP address: " + address);
    }

    @Test
    void nothingIsAskedForByDefault() {
        assertThat(EndpointCheck.errors(EndpointConfig.DEFAULT, Optional.empty()))
                .isEmpty();
    }
}
