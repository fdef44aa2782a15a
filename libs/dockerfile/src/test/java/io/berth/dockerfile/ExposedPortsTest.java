package io.berth.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExposedPortsTest {
    @Test
    void spellsPortsOut() {
        assertThat(ExposedPorts.parse(List.of("80", "53/udp", "8000-8002", "9/SCTP", "80/tcp", "1/")))
                .containsExactly("80/tcp", "53/udp", "8000/tcp", "8001/tcp", "8002/tcp", "9/sctp", "1/tcp");
        assertThat(ExposedPorts.parse(List.of("8001-8003", "8000-8002")))
                .containsExactly("8001/tcp", "8002/tcp", "8003/tcp", "8000/tcp");
        assertThat(ExposedPorts.parse(List.of())).isEmpty();
    }

    @Test
    void hostPartsAreDropped() {
        assertThat(ExposedPorts.parse(List.of(
                        "5000:80", "127.0.0.1:5000:81", "[::1]:5000:82", "::1:5000:83", "1-3:90", "127.0.0.1::84")))
                .containsExactly("80/tcp", "81/tcp", "82/tcp", "83/tcp", "90/tcp", "84/tcp");
    }

    @ParameterizedTest
    @CsvSource({
        "x,invalid containerPort: x",
        "80-79,invalid containerPort: 80-79",
        "65536,invalid containerPort: 65536",
        "-1,invalid containerPort: -1",
        "1-2-3,invalid containerPort: 1-2-3",
        "80/foo,'invalid port: \"80/foo\": invalid proto: foo'",
        "/tcp,'invalid port: \"/tcp\": no port specified: /tcp<empty>'",
        "x:80,invalid hostPort: x",
        "1.2.3:1:80,invalid IP address: 1.2.3",
        "300.1.1.1:1:80,invalid IP address: 300.1.1.1",
        "1-3:80-81,invalid ranges specified for container and host Ports: 80-81 and 1-3",
    })
    void refuses(String word, String message) {
        assertThatThrownBy(() -> ExposedPorts.parse(List.of(word))).hasMessage(message);
    }

    @Test
    @Timeout(10)
    void manyRangesAreNoMoreThanAllPorts() {
        List<String> ranges = new ArrayList<>();
        for (int i = 1; i < 50_000; i++) {
            ranges.add(i + "-65535");
        }
        assertThat(ExposedPorts.parse(ranges)).hasSize(65_535);
    }
}
