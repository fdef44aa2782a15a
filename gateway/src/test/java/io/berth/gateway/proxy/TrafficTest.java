package io.berth.gateway.proxy;

import static io.berth.gateway.fixture.FakeBackend.ok;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.gateway.fixture.FakeBackend;
import io.berth.gateway.fixture.Gateway;
import io.berth.gateway.fixture.LeakWatch;
import io.berth.gateway.fixture.Wire;
import io.berth.gateway.route.Backend;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is counted, and the names by which a call is followed. */
@ExtendWith(LeakWatch.class)
@Timeout(60)
class TrafficTest {
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    @TempDir
    Path directory;

    private Gateway gateway;

    @BeforeEach
    void start() {
        gateway = Gateway.in(directory);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private double value(String meter, String... tags) {
        return gateway.meters()
                .get(meter)
                .tags(tags)
                .meter()
                .measure()
                .iterator()
                .next()
                .getValue();
    }

    @Test
    void requestsBytesAndWhatIsOpenAreCounted() throws Exception {
        try (FakeBackend _ = FakeBackend.answering(gateway.socketOf(Backend.ENGINE), _ -> ok("answer"));
                Wire client = gateway.tcp()) {
            client.sendLines("POST /networks/create HTTP/1.1\nHost: localhost\nContent-Length: 5\n\nhello");
            assertThat(client.readMessage().body()).isEqualTo("answer");
            client.sendLines("GET /nowhere HTTP/1.1\nHost: localhost\n\n");
            assertThat(client.readMessage().status()).isEqualTo(404);
            client.sendLines("GET /v2/ HTTP/1.1\nHost: localhost\n\n");
            assertThat(client.readMessage().status()).isEqualTo(503);
            assertThat(value("berth.gateway.responses", "route", "networks", "backend", "engine", "status", "200"))
                    .isEqualTo(1);
            assertThat(value("berth.gateway.responses", "route", "registry", "backend", "registry", "status", "503"))
                    .isEqualTo(1);
            assertThat(value("berth.gateway.rejected", "status", "404")).isEqualTo(1);
            assertThat(value("berth.gateway.response", "route", "networks")).isEqualTo(1);
            assertThat(value("berth.gateway.bytes", "backend", "engine", "direction", "in"))
                    .isEqualTo(5);
            assertThat(value("berth.gateway.bytes", "backend", "engine", "direction", "out"))
                    .isEqualTo(6);
            assertThat(value("berth.gateway.exchanges", "backend", "engine")).isZero();
            assertThat(value("berth.gateway.pool.idle", "backend", "engine")).isEqualTo(1);
            assertThat(value("berth.gateway.connections")).isEqualTo(1);
        }
    }

    @Test
    void streamsAreOpenUntilTheyEnd() throws Exception {
        try (FakeBackend _ = new FakeBackend(gateway.socketOf(Backend.ENGINE), wire -> {
                    wire.readHead();
                    wire.send("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
                    wire.send("heard " + wire.readToEnd());
                });
                Wire client = gateway.unix()) {
            client.sendLines("POST /containers/x/attach HTTP/1.1\nHost: docker\nConnection: Upgrade\nUpgrade: tcp\n\n");
            assertThat(client.readHead()).contains("101 UPGRADED").contains("X-Request-Id: ");
            assertThat(value("berth.gateway.streams", "backend", "engine")).isEqualTo(1);
            client.send("you");
            client.endOutput();
            assertThat(client.readToEnd()).isEqualTo("heard you");
            for (int i = 0; i < 100 && value("berth.gateway.streams", "backend", "engine") > 0; i++) {
                Thread.sleep(20);
            }
            assertThat(value("berth.gateway.streams", "backend", "engine")).isZero();
            assertThat(value("berth.gateway.exchanges", "backend", "engine")).isZero();
            assertThat(value("berth.gateway.bytes", "backend", "engine", "direction", "in"))
                    .isEqualTo(3);
        }
    }

    @Test
    void wellFormedIdsAreKeptAndOthersReplaced() {
        try (FakeBackend _ = FakeBackend.answering(
                        gateway.socketOf(Backend.ENGINE),
                        request -> ok(request.header("X-Request-Id") + " " + request.header("traceparent") + " "
                                + request.header("tracestate")));
                Wire client = gateway.unix()) {
            client.sendLines("GET /info HTTP/1.1\nHost: docker\nX-Request-Id: build-7.1\ntraceparent: " + TRACE
                    + "\ntracestate: a=b\n\n");
            Wire.Message kept = client.readMessage();
            assertThat(kept.body()).isEqualTo("build-7.1 " + TRACE + " a=b");
            assertThat(kept.header("X-Request-Id")).isEqualTo("build-7.1");
            for (String headers : new String[] {
                "",
                "X-Request-Id: two words\ntraceparent: 00-0-0-0\n",
                "X-Request-Id: " + "x".repeat(200) + "\ntraceparent: 00-" + "0".repeat(32) + "-b7ad6b7169203331-01\n",
                "X-Request-Id: a\nX-Request-Id: b\ntraceparent: " + TRACE + "\ntraceparent: " + TRACE + "\n"
            }) {
                client.sendLines("GET /info HTTP/1.1\nHost: docker\n" + headers + "tracestate: a=b\n\n");
                Wire.Message made = client.readMessage();
                assertThat(made.body()).matches("[0-9a-f]{32} 00-[0-9a-f]{32}-[0-9a-f]{16}-00 ");
                assertThat(made.body()).startsWith(made.header("X-Request-Id"));
            }
            client.sendLines("GET /nowhere HTTP/1.1\nHost: docker\n\n");
            assertThat(client.readMessage().header("X-Request-Id")).matches("[0-9a-f]{32}");
        }
    }
}
