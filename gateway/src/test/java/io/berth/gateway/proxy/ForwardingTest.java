package io.berth.gateway.proxy;

import static io.berth.gateway.fixture.FakeBackend.ok;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.gateway.fixture.FakeBackend;
import io.berth.gateway.fixture.Gateway;
import io.berth.gateway.fixture.LeakWatch;
import io.berth.gateway.fixture.Wire;
import io.berth.gateway.route.Backend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakWatch.class)
@Timeout(60)
class ForwardingTest {
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

    private FakeBackend echoHeads(Backend backend) {
        return FakeBackend.answering(gateway.socketOf(backend), request -> ok(request.head()));
    }

    @Test
    void eachPathReachesItsBackend() {
        try (FakeBackend _ = FakeBackend.answering(gateway.socketOf(Backend.ENGINE), _ -> ok("engine"));
                FakeBackend _ = FakeBackend.answering(gateway.socketOf(Backend.IMAGE), _ -> ok("image"));
                FakeBackend _ = FakeBackend.answering(gateway.socketOf(Backend.REGISTRY), _ -> ok("registry"));
                FakeBackend _ = FakeBackend.answering(gateway.socketOf(Backend.PLATFORM), _ -> ok("platform"));
                Wire client = gateway.unix()) {
            String[][] expected = {
                {"/_ping", "engine"}, {"/v1.43/containers/json", "engine"}, {"/images/json", "image"},
                {"/v2/", "registry"}, {"/v2/a/b/manifests/latest", "registry"}, {"/", "platform"},
                {"/health", "platform"}, {"/v1.24/build", "image"}
            };
            for (String[] pair : expected) {
                client.sendLines("GET " + pair[0] + " HTTP/1.1\nHost: docker\n\n");
                assertThat(client.readMessage().body()).as(pair[0]).isEqualTo(pair[1]);
            }
        }
    }

    @Test
    void setsThePlatformsHeadersAndDropsForgedOnes() {
        try (FakeBackend _ = echoHeads(Backend.ENGINE);
                Wire client = gateway.tcp()) {
            client.sendLines("""
                    GET /info?a=%7B%22x%22%7D&b={"c":["d"]} HTTP/1.1
                    Host: localhost:5000
                    berth-platform-key: forged
                    Berth_Platform_Key: forged
                    BERTH-User: forged
                    Berth-Listener: forged
                    berth_listener: forged
                    X-Forwarded-For: 6.6.6.6
                    x_forwarded_host: forged
                    X-Forwarded-Prefix: /forged
                    Forwarded: for=forged
                    X-Real-IP: forged
                    Remote_User: forged
                    X-Hop: forged
                    Connection: keep-alive, X-Hop, Content-Length
                    Content-Length: 0
                    Keep-Alive: timeout=5
                    Upgrade: h2c
                    X-Registry-Auth: kept
                    User-Agent: Docker-Client

                    """);
            Wire.Message seen = new Wire.Message(client.readMessage().body(), "");

            assertThat(seen.head())
                    .doesNotContain("forged")
                    .doesNotContain("6.6.6.6")
                    .doesNotContain("h2c");
            assertThat(seen.start()).isEqualTo("GET /info?a=%7B%22x%22%7D&b=%7B%22c%22:%5B%22d%22%5D%7D HTTP/1.1");
            assertThat(seen.header("Berth-Platform-Key")).isEqualTo(Gateway.KEY);
            assertThat(seen.header("Berth-Listener")).isEmpty();
            assertThat(seen.header("X-Forwarded-For")).isEqualTo("127.0.0.1");
            assertThat(seen.header("X-Forwarded-Proto")).isEqualTo("http");
            assertThat(seen.header("X-Forwarded-Host")).isEqualTo("localhost:5000");
            assertThat(seen.header("Host")).isEqualTo("localhost:5000");
            assertThat(seen.header("Connection")).isEmpty();
            assertThat(seen.header("Keep-Alive")).isEmpty();
            assertThat(seen.header("Content-Length")).isEqualTo("0");
            assertThat(seen.header("X-Registry-Auth")).isEqualTo("kept");
        }
    }

    @Test
    void theRegistrySeesTheHostThatTheClientUsed() {
        try (FakeBackend _ = echoHeads(Backend.REGISTRY);
                FakeBackend _ = echoHeads(Backend.ENGINE);
                Wire client = gateway.unix()) {
            client.sendLines("GET /v2/ HTTP/1.1\nHost: localhost:2375\n\n");
            assertThat(client.readMessage().body())
                    .contains("\r\nHost: localhost:2375\r\n")
                    .contains("\r\nBerth-Listener: socket\r\n");
            client.sendLines("GET /_ping HTTP/1.1\nHost: %2Fvar%2Frun%2Fdocker.sock\n\n");
            assertThat(client.readMessage().body()).containsIgnoringCase("host: localhost\r\n");
        }
    }

    @Test
    void bodiesPassInBothFramings() {
        try (FakeBackend _ = FakeBackend.answering(
                        gateway.socketOf(Backend.IMAGE),
                        request -> "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-End\r\n\r\n"
                                + Integer.toHexString(request.body().length()) + "\r\n" + request.body()
                                + "\r\n0\r\nX-End: yes\r\n\r\n");
                Wire client = gateway.unix()) {
            client.sendLines("POST /images/load HTTP/1.1\nHost: docker\nContent-Length: 5\n\nhello");
            assertThat(client.readMessage().body()).isEqualTo("hello");
            client.sendLines(
                    "POST /build HTTP/1.1\nHost: docker\nTransfer-Encoding: chunked\n\n3\nabc\n4;x=y\ndefg\n0\nBerth-Platform-Key: forged\n\n");
            assertThat(client.readMessage().body()).isEqualTo("abcdefg");
        }
    }

    @Test
    void statusesWithoutBodyAndHeadRequestsKeepTheConnectionInStep() {
        try (FakeBackend backend = engine(wire -> {
                    while (true) {
                        Wire.Message request = wire.readMessage();
                        if (request.start().startsWith("HEAD")) {
                            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nApi-Version: 1.55\r\n\r\n");
                        } else if (request.start().contains("/stop")) {
                            wire.send("HTTP/1.1 304 Not Modified\r\n\r\n");
                        } else if (request.start().contains("/kill")) {
                            wire.send("HTTP/1.1 204 No Content\r\n\r\n");
                        } else {
                            wire.send(ok("OK"));
                        }
                    }
                });
                Wire client = gateway.unix()) {
            for (int i = 0; i < 3; i++) {
                client.sendLines("HEAD /_ping HTTP/1.1\nHost: docker\n\n");
                Wire.Message head = client.readMessage(true);
                assertThat(head.header("Content-Length")).isEqualTo("1234");
                assertThat(head.header("Api-Version")).isEqualTo("1.55");
                client.sendLines("POST /containers/x/stop HTTP/1.1\nHost: docker\nContent-Length: 0\n\n");
                assertThat(client.readMessage().status()).isEqualTo(304);
                client.sendLines("POST /containers/x/kill HTTP/1.1\nHost: docker\n\n");
                assertThat(client.readMessage().status()).isEqualTo(204);
                client.sendLines("GET /_ping HTTP/1.1\nHost: docker\n\n");
                assertThat(client.readMessage().body()).isEqualTo("OK");
            }
            assertThat(backend.connections()).isEqualTo(1);
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() {
        try (FakeBackend _ = FakeBackend.answering(
                        gateway.socketOf(Backend.ENGINE),
                        request -> ok(request.start().split(" ", -1)[1] + request.body()));
                FakeBackend _ = FakeBackend.answering(gateway.socketOf(Backend.IMAGE), request -> {
                    pause(20);
                    return ok(request.start().split(" ", -1)[1]);
                });
                Wire client = gateway.unix()) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 300; i++) {
                requests.append(
                        switch (i % 4) {
                            case 0 -> "GET /info?" + i + " HTTP/1.1\r\nHost: docker\r\n\r\n";
                            case 1 ->
                                "POST /exec/" + i + "/json HTTP/1.1\r\nHost: docker\r\nContent-Length: 3\r\n\r\nabc";
                            case 2 -> "GET /nowhere/" + i + " HTTP/1.1\r\nHost: docker\r\n\r\n";
                            default ->
                                i % 20 == 3
                                        ? "GET /images/json?" + i + " HTTP/1.1\r\nHost: docker\r\n\r\n"
                                        : "GET /info?" + i + " HTTP/1.1\r\nHost: docker\r\n\r\n";
                        });
            }
            Thread.ofVirtual().start(() -> {
                client.send(requests.toString());
                client.endOutput();
            });
            for (int i = 0; i < 300; i++) {
                Wire.Message response = client.readMessage();
                switch (i % 4) {
                    case 0 -> assertThat(response.body()).isEqualTo("/info?" + i);
                    case 1 -> assertThat(response.body()).isEqualTo("/exec/" + i + "/jsonabc");
                    case 2 -> assertThat(response.status()).isEqualTo(404);
                    default -> assertThat(response.body()).endsWith("?" + i);
                }
            }
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @Test
    void continueIsAskedOfAndGivenByTheBackend() {
        try (FakeBackend _ = engine(wire -> {
                    String head = wire.readHead();
                    assertThat(head).containsIgnoringCase("expect: 100-continue");
                    wire.send("HTTP/1.1 100 Continue\r\n\r\n");
                    wire.send(ok(wire.readText(4)));
                });
                Wire client = gateway.unix()) {
            client.sendLines(
                    "PUT /containers/x/archive HTTP/1.1\nHost: docker\nContent-Length: 4\nExpect: 100-continue\n\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 100 Continue");
            client.send("data");
            assertThat(client.readMessage().body()).isEqualTo("data");
        }
    }

    @Test
    void anAnswerBeforeTheEndOfTheRequestReachesTheClient() {
        byte[] piece = new byte[1 << 20];
        try (FakeBackend _ = engine(wire -> {
                    wire.readHead();
                    wire.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
                });
                Wire client = gateway.tcp()) {
            client.sendLines("POST /commit HTTP/1.1\nHost: localhost\nContent-Length: 104857600\n\n");
            Thread.ofVirtual().start(() -> {
                for (int i = 0; i < 100; i++) {
                    client.send(piece);
                }
            });
            Wire.Message response = client.readMessage();
            assertThat(response.status()).isEqualTo(413);
            assertThat(response.body()).isEqualTo("no");
        }
    }

    @Test
    void aResponseWithoutLengthEndsWithTheConnection() {
        try (FakeBackend _ = engine(wire -> {
                    wire.readHead();
                    wire.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end");
                });
                Wire client = gateway.unix()) {
            client.sendLines("GET /info HTTP/1.1\nHost: docker\n\n");
            String all = client.readToEnd();
            assertThat(all).containsIgnoringCase("connection: close").endsWith("\r\n\r\nuntil the end");
        }
    }

    @Test
    void anIncompleteResponseIsNeverMadeToLookComplete() {
        try (FakeBackend _ = engine(wire -> {
                    wire.readHead();
                    wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
                });
                Wire client = gateway.unix()) {
            client.sendLines("GET /info HTTP/1.1\nHost: docker\n\n");
            assertThat(client.readToEnd()).endsWith("5\r\nhello\r\n");
        }
    }

    @Test
    void aDisconnectedClientCancelsItsStream() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        try (FakeBackend _ = engine(wire -> {
            wire.readHead();
            wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n");
            assertThat(wire.read()).isEqualTo(-1);
            cancelled.countDown();
        })) {
            Wire client = gateway.unix();
            client.sendLines("GET /events HTTP/1.1\nHost: docker\n\n");
            client.readHead();
            client.close();
            assertThat(cancelled.await(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aClientThatOnlyEndsItsInputStillGetsAShortAnswer() {
        try (FakeBackend _ = FakeBackend.answering(gateway.socketOf(Backend.ENGINE), _ -> {
                    pause(200);
                    return ok("late");
                });
                Wire client = gateway.unix()) {
            client.sendLines("GET /info HTTP/1.1\nHost: docker\n\n");
            client.endOutput();
            assertThat(client.readToEnd()).endsWith("late");
        }
    }

    @Test
    void tenThousandRequestsUseOneConnectionOnEachSide() {
        try (FakeBackend backend = FakeBackend.answering(gateway.socketOf(Backend.ENGINE), _ -> ok("OK"));
                Wire client = gateway.unix()) {
            for (int i = 0; i < 10_000; i++) {
                client.send("GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n");
                assertThat(client.readMessage().body()).isEqualTo("OK");
            }
            assertThat(backend.connections()).isEqualTo(1);
            assertThat(gateway.transport().directMemory()).isLessThan(16 << 20);
        }
    }

    @Test
    void requestsMayArriveInPiecesOnAKeptConnection() {
        try (FakeBackend _ = FakeBackend.answering(
                        gateway.socketOf(Backend.ENGINE), request -> ok(request.start() + request.body()));
                Wire client = gateway.tcp()) {
            for (int i = 0; i < 40; i++) {
                client.send("GET /_ping HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertThat(client.readMessage().status()).isEqualTo(200);
            }
            String request = "POST /containers/create HTTP/1.1\r\nHost: localhost\r\nX-Long: " + "a".repeat(9000)
                    + "\r\nContent-Length: 9000\r\n\r\n" + "b".repeat(9000);
            for (int round = 0; round < 3; round++) {
                for (int at = 0; at < request.length(); at += 700) {
                    client.send(request.substring(at, Math.min(request.length(), at + 700)));
                    pause(1);
                }
                assertThat(client.readMessage().body()).endsWith("b".repeat(9000));
            }
        }
    }

    @Test
    void oldClientsGetUnchunkedBodiesEndedByTheConnection() {
        try (FakeBackend _ = FakeBackend.answering(
                        gateway.socketOf(Backend.ENGINE),
                        _ -> "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\n\r\n");
                Wire client = gateway.unix()) {
            client.sendLines("GET /_ping HTTP/1.0\n\n");
            String all = client.readToEnd();
            assertThat(all).endsWith("\r\n\r\nOK").doesNotContainIgnoringCase("transfer-encoding");
        }
    }

    @Test
    void aPagesScriptIsNotChallenged() {
        String refused = "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n";
        try (FakeBackend _ = FakeBackend.answering(gateway.socketOf(Backend.REGISTRY), _ -> refused);
                Wire client = gateway.unix()) {
            client.sendLines("GET /v2/ HTTP/1.1\nHost: docker\n\n");
            assertThat(client.readMessage().header("WWW-Authenticate")).isEqualTo("Basic realm=\"x\"");
            client.sendLines("GET /v2/ HTTP/1.1\nHost: docker\nSec-Fetch-Mode: navigate\n\n");
            assertThat(client.readMessage().header("WWW-Authenticate")).isNotEmpty();
            client.sendLines("GET /v2/ HTTP/1.1\nHost: docker\nSec-Fetch-Mode: cors\n\n");
            Wire.Message answer = client.readMessage();
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.header("WWW-Authenticate")).isEmpty();
        }
    }

    @Test
    void theSocketHasItsModeAndAStaleOneIsTakenOver() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(gateway.clientSocket())))
                .isEqualTo("rw-rw----");
        gateway.close();
        assertThat(gateway.clientSocket()).doesNotExist();
        Files.writeString(gateway.clientSocket(), "left by a killed process");
        gateway = Gateway.in(directory);
        try (FakeBackend _ = FakeBackend.answering(gateway.socketOf(Backend.ENGINE), _ -> ok("OK"));
                Wire client = gateway.unix()) {
            client.sendLines("GET /_ping HTTP/1.1\nHost: docker\n\n");
            assertThat(client.readMessage().body()).isEqualTo("OK");
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
