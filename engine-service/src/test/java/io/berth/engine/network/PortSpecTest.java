package io.berth.engine.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.error.InvalidParameter;
import io.berth.engine.network.runtime.PortRule.Protocol;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PortSpecTest {
    @Test
    void readsBindings() {
        assertThat(PortSpec.of(
                        Map.of(
                                "80/tcp",
                                List.of(binding("", "8080"), binding("127.0.0.1", "9000-9010")),
                                "53/udp",
                                List.of(binding("::1", ""))),
                        Set.of(),
                        false))
                .containsExactly(
                        new PortSpec(53, Protocol.UDP, "::1", 0, 0),
                        new PortSpec(80, Protocol.TCP, "", 8080, 8080),
                        new PortSpec(80, Protocol.TCP, "127.0.0.1", 9000, 9010));
    }

    @Test
    void publishesExposedPortsWhenAllAreToBe() {
        Map<String, @Nullable List<Map<String, Object>>> bindings = Map.of("80/tcp", List.of(binding("", "8080")));
        assertThat(PortSpec.of(bindings, Set.of("80/tcp", "90/sctp"), true))
                .containsExactly(
                        new PortSpec(80, Protocol.TCP, "", 8080, 8080), new PortSpec(90, Protocol.SCTP, "", 0, 0));
        assertThat(PortSpec.of(bindings, Set.of("90/sctp"), false)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "0/tcp", "65536/tcp", "-1", "80/icmp", "80/", "8 0"})
    void refusesContainerPorts(String port) {
        assertThatThrownBy(() -> PortSpec.of(Map.of(port, List.of(binding("", ""))), Set.of(), false))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("invalid port specification: \"" + port + "\"");
    }

    @ParameterizedTest
    @CsvSource({"'',x", "'',65536", "'',90-80", "'',80-", "nonsense,80", "example.org,80"})
    void refusesHostPorts(String ip, String port) {
        assertThatThrownBy(() -> PortSpec.of(Map.of("80/tcp", List.of(binding(ip, port))), Set.of(), false))
                .isInstanceOf(InvalidParameter.class);
    }

    private static Map<String, Object> binding(String ip, String port) {
        return Map.of("HostIp", ip, "HostPort", port);
    }
}
