package io.berth.gateway.proxy;

import static io.berth.gateway.fixture.FakeBackend.ok;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.gateway.fixture.FakeBackend;
import io.berth.gateway.fixture.Gateway;
import io.berth.gateway.fixture.LeakWatch;
import io.berth.gateway.fixture.Wire;
import io.berth.gateway.route.Backend;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that two servers could read differently must not get past the first. */
@ExtendWith(LeakWatch.class)
@Timeout(60)
class FramingTest {
    @TempDir
    Path directory;

    private final List<String> seen = new CopyOnWriteArrayList<>();
    private Gateway gateway;
    private FakeBackend engine;

    @BeforeEach
    void start() {
        gateway = Gateway.in(directory);
        engine = FakeBackend.answering(gateway.socketOf(Backend.ENGINE), request -> {
            seen.add(request.start());
            return ok("OK");
        });
    }

    @AfterEach
    void stop() {
        engine.close();
        gateway.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 5\nTransfer-Encoding: chunked\n\n0\n\nG",
                "Transfer-Encoding: chunked\nContent-Length: 5\n\n0\n\nG",
                "Content-Length: 5\nContent-Length: 6\n\nhello",
                "Content-Length: 5\nContent-Length: 5\n\nhello",
                "Content-Length: 5, 6\n\nhello",
                "Content-Length: +5\n\nhello",
                "Content-Length: -5\n\nhello",
                "Content-Length: 0x5\n\nhello",
                "Content-Length: 5 \n 1\n\nhello",
                "Content-Length: 99999999999999999999\n\nhello",
                "Content-Length : 5\n\nhello",
                " Content-Length: 5\n\nhello",
                "Transfer-Encoding: xchunked\n\n0\n\n",
                "Transfer-Encoding: chunked, identity\n\n0\n\n",
                "Transfer-Encoding: gzip, chunked\n\n0\n\n",
                "Transfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n0\n\n",
                "Transfer-Encoding: chunked\nTransfer-Encoding: identity\n\n0\n\n",
                "Transfer-Encoding:\u000bchunked\n\n0\n\n",
                "Transfer_Encoding: chunked\nContent-Length: 5, 5, 6\n\n0\n\n",
                "Sec-WebSocket-Key1: a\nSec-WebSocket-Key2: b\nConnection: Upgrade\nUpgrade: websocket\n\n12345678",
                "Host: other\n\n",
                "No colon\n\n",
                "Bad\u0000name: x\n\n",
                "X: a\u0000b\n\n"
            })
    void ambiguousHeadsAreRefusedAndTheConnectionCloses(String rest) {
        try (Wire client = gateway.unix()) {
            client.sendLines("POST /containers/create HTTP/1.1\nHost: docker\n" + rest);
            client.sendLines("GET /containers/smuggled/json HTTP/1.1\nHost: docker\n\n");
            Wire.Message response = client.readMessage();
            assertThat(response.status()).isEqualTo(400);
            assertThat(response.header("Content-Type")).isEqualTo("application/json");
            assertThat(response.body()).startsWith("{\"message\":");
            assertThat(client.readToEnd()).isEmpty();
            assertThat(seen).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x\n\n",
                "-1\nabc\n0\n\n",
                "0x3\nabc\n0\n\n",
                "3\nabcd\n0\n\n",
                "3\nabc0\n\n",
                "100000000\nabc\n0\n\n",
                "3 \nabc\n0\n\n",
                "\nabc\n0\n\n"
            })
    void badChunksEndTheRequestAndTheConnection(String body) {
        try (Wire client = gateway.unix()) {
            client.sendLines("POST /containers/create HTTP/1.1\nHost: docker\nTransfer-Encoding: chunked\n\n" + body);
            client.sendLines("GET /containers/smuggled/json HTTP/1.1\nHost: docker\n\n");
            Wire.Message response = client.readMessage();
            assertThat(response.status()).isEqualTo(400);
            assertThat(client.readToEnd()).isEmpty();
            assertThat(seen).doesNotContain("GET /containers/smuggled/json HTTP/1.1");
        }
    }

    @Test
    void bareLineFeedsAndBadRequestLinesAreRefused() {
        for (String head : new String[] {
            "GET /_ping HTTP/1.1\nHost: docker\n\n",
            "GET /_ping HTTP/1.1\r\nHost: docker\n\r\n",
            "GET  /_ping\r\n\r\n",
            "\u0016\u0003\u0001 tls hello \r\n\r\n",
            "GET /_ping HTTP/1.1\r\nHost: docker\r\nX: a\rb\r\n\r\n"
        }) {
            try (Wire client = gateway.unix()) {
                client.send(head);
                assertThat(client.readMessage().status()).as(head).isGreaterThanOrEqualTo(400);
                assertThat(client.readToEnd()).isEmpty();
            }
        }
        assertThat(seen).isEmpty();
    }

    @Test
    void endlessHeadsAreRefused() {
        try (Wire line = gateway.unix();
                Wire headers = gateway.unix()) {
            line.send("GET /info?" + "a".repeat(70_000) + " HTTP/1.1\r\nHost: docker\r\n\r\n");
            assertThat(line.readMessage().status()).isEqualTo(414);
            headers.send("GET /info HTTP/1.1\r\nHost: docker\r\n" + ("X: " + "a".repeat(30_000) + "\r\n").repeat(5)
                    + "\r\n");
            assertThat(headers.readMessage().status()).isEqualTo(431);
        }
    }

    @Test
    void canonicalPathsAreForwardedAndOthersRefusedWithTheConnectionKept() {
        try (Wire client = gateway.unix()) {
            client.sendLines("GET /containers/%2e%2e/x HTTP/1.1\nHost: docker\n\n");
            assertThat(client.readMessage().status()).isEqualTo(400);
            client.sendLines("GET /v2/%2e%2e/x HTTP/1.1\nHost: docker\n\n");
            assertThat(client.readMessage().body()).startsWith("{\"errors\":[{");
            client.sendLines("GET /%63ontainers/json HTTP/1.1\nHost: docker\n\n");
            assertThat(client.readMessage().body()).isEqualTo("OK");
            client.sendLines("GET http://docker/_ping HTTP/1.1\nHost: docker\n\n");
            assertThat(client.readMessage().body()).isEqualTo("OK");
            client.sendLines("GET /nowhere HTTP/1.1\nHost: docker\n\n");
            Wire.Message unknown = client.readMessage();
            assertThat(unknown.status()).isEqualTo(404);
            assertThat(unknown.body()).isEqualTo("{\"message\":\"page not found\"}");
            client.sendLines("TRACE /_ping HTTP/1.1\nHost: docker\n\n");
            assertThat(client.readMessage().status()).isEqualTo(501);
            client.sendLines("HEAD /nowhere HTTP/1.1\nHost: docker\n\n");
            assertThat(client.readMessage(true).status()).isEqualTo(404);
            client.sendLines("GET /_ping HTTP/1.1\nHost: docker\n\n");
            assertThat(client.readMessage().body()).isEqualTo("OK");
        }
        assertThat(seen).containsExactly("GET /containers/json HTTP/1.1", "GET /_ping HTTP/1.1", "GET /_ping HTTP/1.1");
    }

    @Test
    void foreignWebPagesCannotUseTheTcpListener() {
        String[][] refused = {
            {"Host: evil.example"},
            {"Host: localhost.evil.example"},
            {"Host: localhost", "Origin: http://evil.example"},
            {"Host: localhost", "Origin: null"},
            {"Host: localhost", "Origin: http://localhost:81"},
            {"Host: localhost", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"},
            {"Host: localhost", "Sec-Fetch-Site: same-site"}
        };
        for (String[] headers : refused) {
            try (Wire client = gateway.tcp()) {
                client.sendLines("POST /containers/create HTTP/1.1\n" + String.join("\n", headers)
                        + "\nContent-Length: 2\n\n{}");
                assertThat(client.readMessage().status())
                        .as(String.join(", ", headers))
                        .isEqualTo(403);
            }
        }
        String[][] allowed = {
            {"Host: localhost:" + gateway.port()},
            {"Host: 127.0.0.1"},
            {"Host: [::1]:2375"},
            {"Host: api.moby.localhost"},
            {"Host: BERTH.example:2375"},
            {"Host: localhost:81", "Origin: http://localhost:81"},
            {"Host: localhost", "Sec-Fetch-Site: same-origin"},
            {"Host: localhost", "Sec-Fetch-Site: none"}
        };
        for (String[] headers : allowed) {
            try (Wire client = gateway.tcp()) {
                client.sendLines("GET /containers/json HTTP/1.1\n" + String.join("\n", headers) + "\n\n");
                assertThat(client.readMessage().status())
                        .as(String.join(", ", headers))
                        .isEqualTo(200);
            }
        }
        try (Wire unix = gateway.unix()) {
            unix.sendLines("GET /containers/json HTTP/1.1\nHost: anything.example\n\n");
            assertThat(unix.readMessage().status()).isEqualTo(200);
        }
    }
}
