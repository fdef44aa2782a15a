package io.berth.gateway.proxy;

import static io.berth.gateway.fixture.FakeBackend.ok;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.gateway.fixture.FakeBackend;
import io.berth.gateway.fixture.Gateway;
import io.berth.gateway.fixture.LeakWatch;
import io.berth.gateway.fixture.Wire;
import io.berth.gateway.route.Backend;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakWatch.class)
@Timeout(60)
class HijackTest {
    private static final String ATTACH =
            "POST /v1.43/containers/x/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\nHost: docker\nConnection: Upgrade\nUpgrade: tcp\n";
    private static final String SWITCH =
            "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
    private static final String RAW = "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n";

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

    private FakeBackend engine(FakeBackend.Script script) {
        return new FakeBackend(gateway.socketOf(Backend.ENGINE), script);
    }

    private Wire connect(boolean tcp) {
        return tcp ? gateway.tcp() : gateway.unix();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theClientsEndOfInputReachesTheBackendWhoseOutputGoesOn(boolean tcp) {
        try (FakeBackend backend = engine(wire -> {
                    String head = wire.readHead();
                    assertThat(head).containsIgnoringCase("upgrade: tcp").containsIgnoringCase("connection: upgrade");
                    wire.send(SWITCH + "hello ");
                    String input = wire.readToEnd();
                    // Only now, after the end of input.
                    wire.send("echo:" + input);
                });
                Wire client = connect(tcp)) {
            client.sendLines(ATTACH.replace("docker", "localhost") + "\n");
            Wire.Message head = new Wire.Message(client.readHead(), "");
            assertThat(head.start()).isEqualTo("HTTP/1.1 101 UPGRADED");
            assertThat(head.header("Content-Type")).isEqualTo("application/vnd.docker.raw-stream");
            assertThat(head.header("Upgrade")).isEqualTo("tcp");
            assertThat(client.readText(6)).isEqualTo("hello ");
            client.send("typed").endOutput();
            assertThat(client.readToEnd()).isEqualTo("echo:typed");
            assertThat(backend.failures()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theBackendsEndOfOutputReachesTheClientWhoseInputGoesOn(boolean tcp) throws Exception {
        CountDownLatch received = new CountDownLatch(1);
        try (FakeBackend backend = engine(wire -> {
                    wire.readHead();
                    wire.send(SWITCH + "all there is");
                    wire.endOutput();
                    assertThat(wire.readToEnd()).isEqualTo("still typing");
                    received.countDown();
                });
                Wire client = connect(tcp)) {
            client.sendLines(ATTACH.replace("docker", "localhost") + "\n");
            client.readHead();
            assertThat(client.readToEnd()).isEqualTo("all there is");
            client.send("still ").send("typing").endOutput();
            assertThat(received.await(5, TimeUnit.SECONDS)).isTrue();
            assertThat(backend.failures()).isEmpty();
        }
    }

    @Test
    void bytesAndEndSentAheadOfTheSwitchBelongToTheStream() {
        try (FakeBackend backend = engine(wire -> {
                    wire.readHead();
                    Thread.sleep(200);
                    wire.send(SWITCH);
                    wire.send("got " + wire.readToEnd());
                });
                Wire client = gateway.unix()) {
            client.sendLines(ATTACH + "\n")
                    .send("GET /smuggled HTTP/1.1\r\n\r\n")
                    .endOutput();
            client.readHead();
            assertThat(client.readToEnd()).isEqualTo("got GET /smuggled HTTP/1.1\r\n\r\n");
            assertThat(backend.failures()).isEmpty();
        }
    }

    @Test
    void theBodyOfAnExecStartComesFirst() {
        try (FakeBackend backend = engine(wire -> {
                    Wire.Message request = wire.readMessage();
                    assertThat(request.body()).isEqualTo("{\"Tty\":true}");
                    wire.send(SWITCH);
                    wire.send("raw " + wire.readText(3));
                });
                Wire client = gateway.unix()) {
            client.sendLines("POST /exec/abc/start HTTP/1.1\nHost: docker\nConnection: Upgrade\nUpgrade: tcp\n"
                            + "Content-Type: application/json\nContent-Length: 12\n\n{\"Tty\":true}")
                    .send("abc");
            client.readHead();
            assertThat(client.readToEnd()).isEqualTo("raw abc");
            assertThat(backend.failures()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/vnd.docker.raw-stream", "application/vnd.docker.multiplexed-stream"})
    void clientsWithoutUpgradeGetARawStreamAfter200(String type) {
        try (FakeBackend backend = engine(wire -> {
                    wire.readMessage();
                    wire.send(RAW.replace("application/vnd.docker.raw-stream", type) + "out");
                    String input = wire.readToEnd();
                    wire.send(" after " + input);
                });
                Wire client = gateway.unix()) {
            client.sendLines("POST /containers/x/attach?stream=1 HTTP/1.1\nHost: docker\nContent-Length: 0\n\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 OK").doesNotContainIgnoringCase("chunked");
            assertThat(client.readText(3)).isEqualTo("out");
            client.send("stdin").endOutput();
            assertThat(client.readToEnd()).isEqualTo(" after stdin");
            assertThat(backend.failures()).isEmpty();
        }
    }

    @Test
    void anErrorInsteadOfTheSwitchIsAnOrdinaryResponse() {
        try (FakeBackend backend = FakeBackend.answering(
                        gateway.socketOf(Backend.ENGINE),
                        request -> request.start().startsWith("POST")
                                ? "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}"
                                : ok("OK"));
                Wire client = gateway.unix()) {
            for (int i = 0; i < 3; i++) {
                client.sendLines(ATTACH + "\n");
                assertThat(client.readMessage().status()).isEqualTo(404);
                client.sendLines("GET /_ping HTTP/1.1\nHost: docker\n\n");
                assertThat(client.readMessage().body()).isEqualTo("OK");
            }
            assertThat(backend.connections()).isEqualTo(1);
        }
    }

    @Test
    void bytesBehindARefusedSwitchNeverBecomeARequest() {
        try (FakeBackend backend = FakeBackend.answering(gateway.socketOf(Backend.ENGINE), request -> {
                    assertThat(request.start()).doesNotContain("smuggled");
                    return "HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n{}";
                });
                Wire client = gateway.unix()) {
            client.sendLines(ATTACH + "\nGET /containers/smuggled/json HTTP/1.1\nHost: docker\n\n");
            Wire.Message response = client.readMessage();
            assertThat(response.status()).isEqualTo(409);
            assertThat(response.header("Connection")).isEqualTo("close");
            assertThat(client.readToEnd()).isEmpty();
            assertThat(backend.failures()).isEmpty();
        }
    }

    @Test
    void websocketsPass() {
        try (FakeBackend backend = engine(wire -> {
                    String head = wire.readHead();
                    assertThat(head)
                            .containsIgnoringCase("upgrade: websocket")
                            .containsIgnoringCase("sec-websocket-key: abc");
                    wire.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: xyz\r\nSec-WebSocket-Version: 13\r\n\r\n\u0001\u0002");
                    assertThat(wire.readText(2)).isEqualTo("\u0003\u0004");
                    wire.send("bye");
                });
                Wire client = gateway.unix()) {
            client.sendLines("""
                    GET /containers/x/attach/ws?stream=1 HTTP/1.1
                    Host: docker
                    Connection: keep-alive, Upgrade
                    Upgrade: websocket
                    Sec-WebSocket-Key: abc
                    Sec-WebSocket-Version: 13

                    """);
            assertThat(client.readHead()).contains("101 Switching Protocols").contains("Sec-WebSocket-Accept: xyz");
            assertThat(client.readText(2)).isEqualTo("\u0001\u0002");
            client.send("\u0003\u0004");
            assertThat(client.readToEnd()).isEqualTo("bye");
            assertThat(backend.failures()).isEmpty();
        }
    }

    @Test
    void aSwitchThatNobodyAskedForIsRefused() {
        try (FakeBackend _ = engine(wire -> {
                    wire.readHead();
                    wire.send(SWITCH);
                    wire.readToEnd();
                });
                Wire client = gateway.unix()) {
            client.sendLines("GET /info HTTP/1.1\nHost: docker\nConnection: Upgrade\nUpgrade: tcp\n\n");
            assertThat(client.readMessage().status()).isEqualTo(502);
        }
    }

    @Test
    void aVanishedClientEndsTheBackendsStream() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (FakeBackend _ = engine(wire -> {
            wire.readHead();
            wire.send(SWITCH);
            assertThat(wire.read()).isEqualTo(-1);
            try {
                while (true) {
                    wire.send("output that nobody reads");
                    Thread.sleep(5);
                }
            } catch (UncheckedIOException expected) {
                ended.countDown();
            }
        })) {
            Wire client = gateway.unix();
            client.sendLines(ATTACH + "\n");
            client.readHead();
            client.close();
            assertThat(ended.await(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void outputGoesOnWhenTheBackendTakesNoMoreInput() {
        byte[] piece = new byte[64 * 1024];
        CountDownLatch sent = new CountDownLatch(1);
        try (FakeBackend _ = engine(wire -> {
                    wire.readHead();
                    wire.send(SWITCH);
                    wire.endInput();
                    sent.await();
                    wire.send("last words");
                });
                Wire client = gateway.unix()) {
            client.sendLines(ATTACH + "\n");
            client.readHead();
            for (int i = 0; i < 50; i++) {
                client.send(piece);
            }
            sent.countDown();
            assertThat(client.readText(10)).isEqualTo("last words");
        }
    }

    @Test
    void aStreamCarriesMuchInBothDirections() {
        int pieces = 1000;
        byte[] piece = new byte[50_000];
        try (FakeBackend _ = engine(wire -> {
                    wire.readHead();
                    wire.send(SWITCH);
                    byte[] buffer = new byte[100_000];
                    for (int n; (n = wire.read(buffer)) > 0; ) {
                        wire.send(Arrays.copyOf(buffer, n));
                    }
                });
                Wire client = gateway.tcp()) {
            client.sendLines(ATTACH.replace("docker", "localhost") + "\n");
            client.readHead();
            Thread.ofVirtual().start(() -> {
                for (int i = 0; i < pieces; i++) {
                    client.send(piece);
                }
                client.endOutput();
            });
            long total = 0;
            byte[] buffer = new byte[100_000];
            for (int n; (n = client.read(buffer)) > 0; ) {
                total += n;
            }
            assertThat(total).isEqualTo((long) pieces * piece.length);
        }
    }
}
