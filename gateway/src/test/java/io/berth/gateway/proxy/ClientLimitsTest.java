package io.berth.gateway.proxy;

import static io.berth.gateway.fixture.FakeBackend.ok;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.gateway.fixture.FakeBackend;
import io.berth.gateway.fixture.Gateway;
import io.berth.gateway.fixture.LeakWatch;
import io.berth.gateway.fixture.Wire;
import io.berth.gateway.resilience.RateLimits;
import io.berth.gateway.route.Backend;
import io.berth.gateway.transport.Transport;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakWatch.class)
@Timeout(60)
class ClientLimitsTest {
    private static final int MAX_CONNECTIONS = 3;

    @TempDir
    Path directory;

    private Gateway gateway;

    @BeforeEach
    void start() {
        gateway = new Gateway(
                directory,
                Transport.open(1),
                Duration.ofSeconds(20),
                Gateway.lenient(),
                RateLimits.none(),
                null,
                new ClientLimits(8192, 1000, Duration.ofMillis(400), Duration.ofMillis(400), MAX_CONNECTIONS));
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private FakeBackend echo(Backend backend) {
        return FakeBackend.answering(
                gateway.socketOf(backend), request -> ok("got " + request.body().length()));
    }

    @Test
    void aHeadThatTricklesInIsGivenUp() throws Exception {
        try (FakeBackend backend = echo(Backend.ENGINE);
                Wire idle = gateway.unix();
                Wire slow = gateway.unix()) {
            long start = System.nanoTime();
            Thread trickle = Thread.ofVirtual().start(() -> {
                try {
                    slow.send("GET /_ping HTTP/1.1\r\nHost: docker\r\n");
                    for (int i = 0; i < 100; i++) {
                        Thread.sleep(50);
                        slow.send("X-" + i + ": y\r\n");
                    }
                } catch (InterruptedException | UncheckedIOException ended) {
                    // as it should
                }
            });
            Wire.Message response = slow.readMessage();
            assertThat(response.status()).isEqualTo(408);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(350));
            trickle.interrupt();
            trickle.join();
            assertThat(backend.connections()).isZero();
            // One that says nothing at all is merely kept.
            idle.sendLines("GET /_ping HTTP/1.1\nHost: docker\n\n");
            assertThat(idle.readMessage().body()).isEqualTo("got 0");
            Thread.sleep(500);
            idle.sendLines("GET /_ping HTTP/1.1\nHost: docker\n\n");
            assertThat(idle.readMessage().body()).isEqualTo("got 0");
        }
    }

    @Test
    void aBodyThatStopsIsGivenUpUnlessItIsAnArchive() throws Exception {
        try (FakeBackend _ = echo(Backend.ENGINE);
                FakeBackend _ = echo(Backend.IMAGE);
                Wire stuck = gateway.unix();
                Wire steady = gateway.unix();
                Wire archive = gateway.unix()) {
            archive.sendLines("POST /images/load HTTP/1.1\nHost: docker\nContent-Length: 10\n\nhello");
            stuck.sendLines("POST /containers/create HTTP/1.1\nHost: docker\nContent-Length: 10\n\nhello");
            steady.sendLines("POST /containers/create HTTP/1.1\nHost: docker\nContent-Length: 10\n\n");
            for (int i = 0; i < 10; i++) {
                Thread.sleep(100);
                steady.send("x");
            }
            assertThat(steady.readMessage().body()).isEqualTo("got 10");
            Wire.Message response = stuck.readMessage();
            assertThat(response.status()).isEqualTo(408);
            assertThat(stuck.readToEnd()).isEmpty();
            archive.send("world");
            assertThat(archive.readMessage().body()).isEqualTo("got 10");
        }
    }

    @Test
    void aSlowBackendIsNotTheClientsFault() {
        try (FakeBackend _ = new FakeBackend(gateway.socketOf(Backend.ENGINE), wire -> {
                    wire.readMessage();
                    Thread.sleep(1000);
                    wire.send(ok("late"));
                });
                Wire client = gateway.unix()) {
            client.sendLines("POST /containers/create HTTP/1.1\nHost: docker\nContent-Length: 5\n\nhello");
            assertThat(client.readMessage().body()).isEqualTo("late");
        }
    }

    @Test
    void largeBodiesAreForStreamsOnly() {
        String thousand = "x".repeat(1000);
        try (FakeBackend _ = echo(Backend.ENGINE);
                FakeBackend _ = echo(Backend.IMAGE);
                Wire announced = gateway.unix();
                Wire chunked = gateway.unix();
                Wire archive = gateway.unix()) {
            announced.sendLines("POST /containers/create HTTP/1.1\nHost: docker\nContent-Length: 1000\n\n" + thousand);
            assertThat(announced.readMessage().body()).isEqualTo("got 1000");
            announced.sendLines("POST /containers/create HTTP/1.1\nHost: docker\nContent-Length: 1001\n\n");
            assertThat(announced.readMessage().status()).isEqualTo(413);
            chunked.sendLines("POST /containers/create HTTP/1.1\nHost: docker\nTransfer-Encoding: chunked\n\n3e8\n"
                    + thousand + "\n1\nx\n0\n\n");
            assertThat(chunked.readMessage().status()).isEqualTo(413);
            archive.sendLines(
                    "POST /images/load HTTP/1.1\nHost: docker\nContent-Length: 5000\n\n" + thousand.repeat(5));
            assertThat(archive.readMessage().body()).isEqualTo("got 5000");
        }
    }

    @Test
    void whatGrowsByEscapingIsCountedAsItIsSent() {
        try (FakeBackend backend = echo(Backend.ENGINE);
                Wire client = gateway.unix()) {
            client.sendLines("GET /containers/json?filters=" + "{".repeat(4000) + " HTTP/1.1\nHost: docker\n\n");
            assertThat(client.readMessage().status()).isEqualTo(431);
            assertThat(backend.connections()).isZero();
            client.sendLines("GET /containers/json?filters=" + "{".repeat(2000) + " HTTP/1.1\nHost: docker\n\n");
            assertThat(client.readMessage().status()).isEqualTo(200);
        }
    }

    @Test
    void tooManyConnectionsOverTheNetworkAreClosedAndTheSocketStaysUsable() throws Exception {
        try (FakeBackend _ = echo(Backend.ENGINE)) {
            Wire[] open = new Wire[MAX_CONNECTIONS];
            for (int i = 0; i < open.length; i++) {
                open[i] = gateway.tcp();
                ping(open[i]);
            }
            try (Wire more = gateway.tcp()) {
                assertThat(more.read()).isEqualTo(-1);
            }
            try (Wire operator = gateway.unix()) {
                ping(operator);
            }
            open[0].close();
            for (int i = 0; ; i++) {
                try (Wire next = gateway.tcp()) {
                    ping(next);
                    break;
                } catch (UncheckedIOException notYet) {
                    assertThat(i).isLessThan(100);
                    Thread.sleep(20);
                }
            }
            for (Wire wire : open) {
                wire.close();
            }
        }
    }

    private static void ping(Wire wire) {
        wire.sendLines("GET /_ping HTTP/1.1\nHost: localhost\n\n");
        assertThat(wire.readMessage().body()).isEqualTo("got 0");
    }

    @Test
    void locationsLeadToTheClientsOwnView() {
        for (String[] pair : new String[][] {
            {"http://registry.example:5000/v2/a/blobs/uploads/1?x=y", "/v2/a/blobs/uploads/1?x=y"},
            {"http://localhost/v2/a/blobs/uploads/1", "/v2/a/blobs/uploads/1"},
            {"/v2/a/blobs/uploads/1", "/v2/a/blobs/uploads/1"},
            {"https://elsewhere.example/blob", "https://elsewhere.example/blob"}
        }) {
            try (FakeBackend _ = FakeBackend.answering(
                            gateway.socketOf(Backend.REGISTRY),
                            _ -> "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nLocation: " + pair[0] + "\r\n\r\n");
                    Wire client = gateway.unix()) {
                client.sendLines("GET /v2/a/blobs/uploads/ HTTP/1.1\nHost: registry.example:5000\n\n");
                assertThat(client.readMessage().header("Location")).isEqualTo(pair[1]);
            }
        }
    }
}
