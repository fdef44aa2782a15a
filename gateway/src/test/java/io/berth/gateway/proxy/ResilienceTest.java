package io.berth.gateway.proxy;

import static io.berth.gateway.fixture.FakeBackend.ok;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.gateway.fixture.FakeBackend;
import io.berth.gateway.fixture.Gateway;
import io.berth.gateway.fixture.LeakWatch;
import io.berth.gateway.fixture.Wire;
import io.berth.gateway.resilience.GuardSettings;
import io.berth.gateway.resilience.GuardState;
import io.berth.gateway.resilience.RateLimit;
import io.berth.gateway.resilience.RateLimits;
import io.berth.gateway.resilience.Share;
import io.berth.gateway.route.Backend;
import io.berth.gateway.transport.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakWatch.class)
@Timeout(60)
class ResilienceTest {
    private static final int MAX_WAITING = 4;

    @TempDir
    Path directory;

    private Gateway gateway;

    @BeforeEach
    void start() {
        gateway = new Gateway(
                directory,
                Transport.open(1),
                Duration.ofMillis(500),
                new GuardSettings(4, 4, 50, Duration.ofMillis(600), 1, MAX_WAITING, Share.WHOLE, Duration.ZERO));
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private Wire.Message get(String path) {
        try (Wire client = gateway.unix()) {
            client.sendLines("GET " + path + " HTTP/1.1\nHost: docker\n\n");
            return client.readMessage();
        }
    }

    private String breaker(Backend backend) {
        return gateway.guards().of(backend).state().breaker();
    }

    @Test
    void theBreakerOpensTellsWhenToComeBackAndRecovers() throws Exception {
        for (int i = 0; i < 4; i++) {
            Wire.Message down = get("/_ping");
            assertThat(down.status()).isEqualTo(503);
            assertThat(down.body())
                    .isEqualTo("{\"message\":\"engine is unavailable: it does not accept connections\"}");
            assertThat(get("/v2/").body()).contains("{\"errors\":[{");
        }
        assertThat(breaker(Backend.ENGINE)).isEqualTo("OPEN");
        Wire.Message open = get("/_ping");
        assertThat(open.status()).isEqualTo(503);
        assertThat(open.header("Retry-After")).isEqualTo("1");
        assertThat(open.body()).contains("waiting for it to recover");
        Wire.Message registry = get("/v2/");
        assertThat(registry.header("Retry-After")).isEqualTo("1");
        assertThat(registry.body()).contains("\"code\":\"UNAVAILABLE\"");
        // The others do not suffer.
        assertThat(breaker(Backend.IMAGE)).isEqualTo("CLOSED");

        try (FakeBackend _ = FakeBackend.answering(gateway.socketOf(Backend.ENGINE), _ -> ok("OK"))) {
            Thread.sleep(700);
            assertThat(get("/_ping").body()).isEqualTo("OK");
            assertThat(breaker(Backend.ENGINE)).isEqualTo("CLOSED");
        }
    }

    @Test
    void anApisOwnErrorsDoNotOpenTheBreaker() {
        try (FakeBackend _ = FakeBackend.answering(
                gateway.socketOf(Backend.ENGINE),
                _ -> "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\n{}")) {
            for (int i = 0; i < 10; i++) {
                assertThat(get("/info").status()).isEqualTo(500);
            }
            assertThat(breaker(Backend.ENGINE)).isEqualTo("CLOSED");
        }
    }

    @Test
    void aHungBackendTimesOutAndSlowsNoOther() throws Exception {
        try (FakeBackend _ = new FakeBackend(gateway.socketOf(Backend.ENGINE), wire -> wire.readToEnd());
                FakeBackend _ = FakeBackend.answering(gateway.socketOf(Backend.IMAGE), _ -> ok("OK"))) {
            List<Thread> waiting = new ArrayList<>();
            AtomicInteger timedOut = new AtomicInteger();
            for (int i = 0; i < MAX_WAITING; i++) {
                waiting.add(Thread.ofVirtual().start(() -> {
                    Wire.Message response = get("/info");
                    if (response.status() == 503 && response.body().contains("did not answer in time")) {
                        timedOut.incrementAndGet();
                    }
                }));
            }
            while (gateway.guards().of(Backend.ENGINE).state().waiting() < MAX_WAITING) {
                Thread.sleep(5);
            }
            Wire.Message refused = get("/info");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.body()).contains("too many requests");
            long start = System.nanoTime();
            assertThat(get("/images/json").body()).isEqualTo("OK");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(300));
            for (Thread thread : waiting) {
                thread.join();
            }
            assertThat(timedOut).hasValue(MAX_WAITING);
            assertThat(breaker(Backend.ENGINE)).isEqualTo("OPEN");
            assertThat(gateway.guards().of(Backend.ENGINE).state().waiting()).isZero();
        }
    }

    @Test
    void streamsDoNotUseUpTheBulkheadAndHaveNoTimeout() throws Exception {
        try (FakeBackend _ = new FakeBackend(gateway.socketOf(Backend.ENGINE), wire -> {
            Wire.Message request = wire.readMessage();
            if (request.start().contains("/wait")) {
                Thread.sleep(1000);
                wire.send(ok("waited"));
            } else {
                wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                wire.readToEnd();
            }
        })) {
            List<Wire> streams = new ArrayList<>();
            for (int i = 0; i < MAX_WAITING * 3; i++) {
                Wire stream = gateway.unix();
                stream.sendLines("GET /events HTTP/1.1\nHost: docker\n\n");
                assertThat(stream.readHead()).contains("200 OK");
                streams.add(stream);
            }
            assertThat(gateway.guards().of(Backend.ENGINE).state().waiting()).isZero();
            try (Wire client = gateway.unix()) {
                client.sendLines("POST /containers/x/wait HTTP/1.1\nHost: docker\n\n");
                assertThat(client.readMessage().body()).isEqualTo("waited");
            }
            streams.forEach(Wire::close);
        }
    }

    @Test
    void aKeptConnectionThatDiedIsReplacedForHarmlessRequestsOnly() {
        AtomicInteger requests = new AtomicInteger();
        try (FakeBackend backend = new FakeBackend(gateway.socketOf(Backend.ENGINE), wire -> {
            // Answers once, takes a second request and closes without a byte.
            wire.readMessage();
            requests.incrementAndGet();
            wire.send(ok("OK"));
            wire.readMessage();
            requests.incrementAndGet();
        })) {
            assertThat(get("/_ping").body()).isEqualTo("OK");
            assertThat(get("/_ping").body()).isEqualTo("OK");
            assertThat(gateway.guards().of(Backend.ENGINE).state().retries()).isOne();
            assertThat(backend.connections()).isEqualTo(2);
            assertThat(requests).hasValue(3);
            try (Wire client = gateway.unix()) {
                client.sendLines("POST /containers/x/start HTTP/1.1\nHost: docker\nContent-Length: 0\n\n");
                assertThat(client.readMessage().status()).isEqualTo(503);
            }
            assertThat(requests).hasValue(4);
        }
    }

    @Test
    void requestsOfEveryKindWaitForAServiceThatIsRestarted() throws Exception {
        try (Gateway patient = patient(Duration.ofSeconds(20))) {
            List<Wire> clients = new ArrayList<>();
            for (String request : new String[] {
                "GET /_ping HTTP/1.1\nHost: docker\n\n",
                "POST /containers/x/start HTTP/1.1\nHost: docker\nContent-Length: 0\n\n",
                "POST /containers/create HTTP/1.1\nHost: docker\nContent-Length: 5\n\nhello"
            }) {
                Wire client = patient.unix();
                client.sendLines(request);
                clients.add(client);
            }
            while (patient.guards().of(Backend.ENGINE).state().waiting() < clients.size()
                    || patient.guards().of(Backend.ENGINE).state().unreachableMillis() < 300) {
                Thread.sleep(5);
            }
            try (FakeBackend _ =
                    FakeBackend.answering(patient.socketOf(Backend.ENGINE), request -> ok("got " + request.body()))) {
                for (Wire client : clients) {
                    assertThat(client.readMessage().body()).isIn("got ", "got hello");
                    client.close();
                }
            }
            assertThat(patient.guards().of(Backend.ENGINE).state().failures()).isZero();
            assertThat(patient.guards().of(Backend.ENGINE).state().unreachableMillis())
                    .isZero();
        }
    }

    @Test
    void aServiceThatStaysAwayIsWaitedForOnce() throws Exception {
        try (Gateway patient = patient(Duration.ofMillis(400))) {
            long start = System.nanoTime();
            try (Wire client = patient.unix()) {
                client.sendLines("GET /_ping HTTP/1.1\nHost: docker\n\n");
                Wire.Message response = client.readMessage();
                assertThat(response.status()).isEqualTo(503);
                assertThat(response.header("Retry-After")).isEqualTo("1");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(300));
            start = System.nanoTime();
            for (int i = 0; i < 3; i++) {
                try (Wire client = patient.unix()) {
                    client.sendLines("GET /_ping HTTP/1.1\nHost: docker\n\n");
                    assertThat(client.readMessage().status()).isEqualTo(503);
                }
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(300));
            GuardState state = patient.guards().of(Backend.ENGINE).state();
            assertThat(state.failures()).isEqualTo(4);
            assertThat(state.lastFailure())
                    .extracting(GuardState.Failure::cause)
                    .isEqualTo("its socket does not exist");
        }
    }

    @Test
    void whatAStoppingServiceDidNotLookAtIsSentAgain() {
        AtomicInteger connections = new AtomicInteger();
        try (FakeBackend _ = new FakeBackend(gateway.socketOf(Backend.ENGINE), wire -> {
            int connection = connections.incrementAndGet();
            wire.readMessage();
            if (connection == 1) {
                // As Tomcat answers while it closes.
                wire.send("HTTP/1.1 503 \r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            } else if (connection > 2) {
                wire.send(ok("OK"));
            }
        })) {
            assertThat(get("/info").body()).isEqualTo("OK");
            assertThat(connections).hasValue(3);
            connections.set(0);
            try (Wire client = gateway.unix()) {
                client.sendLines("DELETE /containers/x HTTP/1.1\nHost: docker\n\n");
                assertThat(client.readMessage().status()).isEqualTo(503);
            }
            assertThat(connections).hasValue(1);
        }
    }

    @Test
    void aClientAboveItsRateIsToldWhenToComeBack() throws Exception {
        try (Gateway limited = new Gateway(
                        Files.createDirectory(directory.resolve("limited")),
                        Transport.open(1),
                        Duration.ofSeconds(20),
                        Gateway.lenient(),
                        new RateLimits(Map.of("anonymous", new RateLimit(3, Duration.ofMinutes(2)))));
                FakeBackend backend = FakeBackend.answering(limited.socketOf(Backend.REGISTRY), _ -> ok("OK"));
                Wire tcp = limited.tcp();
                Wire unix = limited.unix()) {
            for (int i = 0; i < 6; i++) {
                tcp.sendLines("GET /v2/ HTTP/1.1\nHost: localhost\n\n");
                Wire.Message response = tcp.readMessage();
                assertThat(response.status()).isEqualTo(i < 3 ? 200 : 429);
                if (i >= 3) {
                    assertThat(response.header("Retry-After")).isEqualTo("120");
                    assertThat(response.body()).contains("\"code\":\"TOOMANYREQUESTS\"");
                }
                // Others are not concerned.
                unix.sendLines("GET /v2/ HTTP/1.1\nHost: localhost\n\n");
                assertThat(unix.readMessage().status()).isEqualTo(200);
            }
            assertThat(backend.connections()).isEqualTo(1);
        }
    }

    private Gateway patient(Duration patience) throws IOException {
        return new Gateway(
                Files.createDirectory(directory.resolve("patient")),
                Transport.open(1),
                Duration.ofSeconds(20),
                new GuardSettings(100, 100, 50, Duration.ofMillis(600), 1, 16, Share.WHOLE, patience));
    }

    @Test
    void aBackendThatSpeaksNonsenseIsABadGateway() {
        for (String nonsense : new String[] {
            "garbage\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"
        }) {
            try (FakeBackend _ = new FakeBackend(gateway.socketOf(Backend.REGISTRY), wire -> {
                wire.readHead();
                wire.send(nonsense);
            })) {
                assertThat(get("/v2/").status()).as(nonsense).isEqualTo(502);
            }
        }
    }

    @Test
    void manyClientsAtOnceAllGetTheirAnswer() throws Exception {
        try (Gateway wide = new Gateway(
                        Files.createDirectory(directory.resolve("wide")),
                        Transport.open(2),
                        Duration.ofSeconds(20),
                        Gateway.lenient());
                FakeBackend _ = FakeBackend.answering(wide.socketOf(Backend.ENGINE), _ -> {
                    pause(50);
                    return ok("OK");
                })) {
            AtomicInteger answered = new AtomicInteger();
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                clients.add(Thread.ofVirtual().start(() -> {
                    try (Wire client = wide.unix()) {
                        client.sendLines("GET /info HTTP/1.1\nHost: docker\n\n");
                        if (client.readMessage().status() == 200) {
                            answered.incrementAndGet();
                        }
                    }
                }));
            }
            for (Thread client : clients) {
                client.join();
            }
            assertThat(answered).hasValue(400);
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
