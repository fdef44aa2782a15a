package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.fixture.EngineFixture;
import io.berth.engine.fixture.RawHttp.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The time that publishing takes grows with the number of ports, not with its square. */
class ManyPortsApiTest {
    private static final int PORTS = 12_000;

    @TempDir
    static Path directory;

    private static EngineFixture engine;

    @BeforeAll
    static void start() throws IOException {
        engine = new EngineFixture(directory);
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    @ParameterizedTest
    @CsvSource({
        "each to one of its own,      127.77.1.1, false, false",
        "all from the same range,     127.77.1.2, false, true",
        "one port at many,            127.77.1.3, true,  false",
        "one port at many of a range, 127.77.1.4, true,  true"
    })
    @Timeout(value = 30, unit = TimeUnit.SECONDS)
    void publishesThousands(String what, String address, boolean onePort, boolean range) throws IOException {
        String bindings = IntStream.rangeClosed(1, PORTS)
                .mapToObj(i -> "{\"HostIp\":\"" + address + "\",\"HostPort\":\""
                        + (range ? "2001-" + (2000 + PORTS) : Integer.toString(2000 + i)) + "\"}")
                .collect(Collectors.joining(","));
        String ports = onePort
                ? "\"80/udp\":[" + bindings + "]"
                : IntStream.rangeClosed(1, PORTS)
                        .mapToObj(i -> "\"" + i + "/udp\":[{\"HostIp\":\"" + address + "\",\"HostPort\":\""
                                + (range ? "2001-" + (2000 + PORTS) : Integer.toString(2000 + i)) + "\"}]")
                        .collect(Collectors.joining(","));
        Answer created = engine.http()
                .post(
                        "/containers/create",
                        "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"],\"HostConfig\":{\"PortBindings\":{" + ports
                                + "}}}");
        assertThat(created.status()).as(what).isEqualTo(201);
        String id = created.json().path("Id").asString();
        assertThat(engine.http().post("/containers/" + id + "/start").status())
                .as(what)
                .isEqualTo(204);
        assertThat(engine.http()
                        .get("/containers/" + id + "/json")
                        .json()
                        .path("NetworkSettings")
                        .path("Ports")
                        .toString()
                        .split("\"HostPort\"", -1))
                .as(what)
                .hasSize(PORTS + 1);
        assertThat(engine.http().delete("/containers/" + id + "?force=1").status())
                .as(what)
                .isEqualTo(204);
    }
}
