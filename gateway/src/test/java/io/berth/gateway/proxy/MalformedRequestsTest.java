package io.berth.gateway.proxy;

import static io.berth.gateway.fixture.FakeBackend.ok;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.gateway.fixture.FakeBackend;
import io.berth.gateway.fixture.Gateway;
import io.berth.gateway.fixture.LeakWatch;
import io.berth.gateway.fixture.Wire;
import io.berth.gateway.route.Backend;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Malformed requests of every kind are answered in the client's shape, and no backend ever hears of one. */
@ExtendWith(LeakWatch.class)
@Timeout(60)
class MalformedRequestsTest {
    private static final String HOST = "\r\nHost: docker\r\n";

    @TempDir
    static Path directory;

    private static final List<String> reached = new CopyOnWriteArrayList<>();
    private static final List<FakeBackend> backends = new ArrayList<>();
    private static Gateway gateway;

    /**
     * @param status that is expected
     * @param request its bytes in ISO 8859-1
     */
    record Row(int status, String request) {
        @Override
        public String toString() {
            return status + " "
                    + request.substring(0, Math.min(60, request.length()))
                            .replace("\r", "\\r")
                            .replace("\n", "\\n");
        }
    }

    @BeforeAll
    static void start() {
        gateway = Gateway.in(directory);
        for (Backend backend : Backend.values()) {
            backends.add(FakeBackend.answering(gateway.socketOf(backend), request -> {
                reached.add(request.start());
                return ok("reached");
            }));
        }
    }

    @AfterAll
    static void stop() {
        backends.forEach(FakeBackend::close);
        gateway.close();
    }

    private static Row get(int status, String target) {
        return new Row(status, "GET " + target + " HTTP/1.1" + HOST + "\r\n");
    }

    private static Row header(int status, String line) {
        return new Row(status, "GET /containers/json HTTP/1.1" + HOST + line + "\r\n\r\n");
    }

    private static Row post(String headers) {
        return new Row(400, "POST /containers/create HTTP/1.1" + HOST + headers + "\r\n\r\n");
    }

    static Stream<Row> malformed() {
        String longer = "a".repeat(70_000);
        return Stream.of(
                // request lines
                new Row(400, "GET\r\n\r\n"),
                new Row(400, "GET /_ping\r\n\r\n"),
                new Row(400, "GET /_ping HTTP\r\n\r\n"),
                new Row(400, "GET /_ping HTTP/x.y" + HOST + "\r\n"),
                new Row(400, "GET /_ping HTTP/1.1 more" + HOST + "\r\n"),
                new Row(400, "GET  /_ping HTTP/1.1" + HOST + "\r\n"),
                new Row(400, "GET\t/_ping\tHTTP/1.1" + HOST + "\r\n"),
                new Row(400, "G\u0001T /_ping HTTP/1.1" + HOST + "\r\n"),
                new Row(400, "GET /_ping HTTP/1.1\nHost: docker\n\n"),
                new Row(400, "GET /_ping HTTP/1.1\r\nHost: docker\n\r\n"),
                new Row(505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
                new Row(400, "\u0016\u0003\u0001\u0002\u0000\u0001 client hello\r\n\r\n"),
                new Row(501, "BREW /_ping HTTP/1.1" + HOST + "\r\n"),
                new Row(501, "get /_ping HTTP/1.1" + HOST + "\r\n"),
                new Row(501, "CONNECT docker:2375 HTTP/1.1" + HOST + "\r\n"),
                new Row(501, "TRACE /_ping HTTP/1.1" + HOST + "\r\n"),
                new Row(505, "GET /_ping HTTP/2.0" + HOST + "\r\n"),
                new Row(505, "GET /_ping HTTP/0.9" + HOST + "\r\n"),
                new Row(505, "GET /_ping HTTP/9.9" + HOST + "\r\n"),
                new Row(414, "GET /info?" + longer + " HTTP/1.1" + HOST + "\r\n"),
                // targets
                get(400, "*"),
                get(400, "containers/json"),
                get(400, "?all=1"),
                get(400, "//containers/json"),
                get(400, "/containers//json"),
                get(400, "/containers/./json"),
                get(400, "/containers/../info"),
                get(400, "/containers/%2e%2e/info"),
                get(400, "/containers/%2E./info"),
                get(400, "/containers/x%2Fjson"),
                get(400, "/containers/x%5cjson"),
                get(400, "/containers/x\\json"),
                get(400, "/containers/x;a=b/json"),
                get(400, "/containers/x%3bjson"),
                get(400, "/containers/x%00/json"),
                get(400, "/containers/x%0d%0a/json"),
                get(400, "/containers/x%/json"),
                get(400, "/containers/x%2/json"),
                get(400, "/containers/x%zz/json"),
                get(400, "/containers/x%252e/json"),
                get(400, "/containers/%ff/json"),
                get(400, "/containers/%c0%ae/json"),
                get(400, "/containers/\u00e9/json"),
                get(400, "/containers/json#fragment"),
                get(400, "/containers/json?a=\u00e9"),
                get(400, "/containers/json?a=\u0001"),
                get(400, "/v1.999/info"),
                get(400, "/v1.4.3/info"),
                get(400, "/v1.43/v2/"),
                get(404, "/nowhere"),
                get(404, "/v1.43/nowhere"),
                get(404, "/v1.43/metrics"),
                get(400, "/v2/../containers/json"),
                get(400, "/v2/%2e%2e/containers/json"),
                get(400, "/v2/a%2Fb/manifests/1"),
                get(400, "http://docker//containers/json"),
                get(400, "https://docker/containers/json"),
                get(400, "ftp://docker/containers/json"),
                // headers
                new Row(400, "GET /_ping HTTP/1.1\r\n\r\n"),
                header(400, "Host: other"),
                new Row(400, "GET /_ping HTTP/1.1\r\nHost: a b\r\n\r\n"),
                new Row(400, "GET /_ping HTTP/1.1\r\nHost: a/b\r\n\r\n"),
                new Row(400, "GET /_ping HTTP/1.1\r\nHost: a@b\r\n\r\n"),
                header(400, "no colon"),
                header(400, ": empty name"),
                header(400, "spaced : value"),
                header(400, " folded"),
                header(400, "X: a\u0000b"),
                header(400, "X: a\rb"),
                header(400, "X\u0000: b"),
                header(400, "X(: b"),
                header(431, "X: " + longer),
                header(431, ("X: " + "a".repeat(1000) + "\r\n").repeat(70) + "Y: 1"),
                // framing
                post("Content-Length: 5\r\nContent-Length: 6"),
                post("Content-Length: 5\r\nTransfer-Encoding: chunked"),
                post("Content-Length: five"),
                post("Content-Length: -1"),
                post("Content-Length: +1"),
                post("Content-Length: 0x1"),
                post("Content-Length: 1 1"),
                post("Content-Length: 99999999999999999999"),
                post("Transfer-Encoding: gzip"),
                post("Transfer-Encoding: chunked, chunked"),
                post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
                post("Transfer-Encoding: \u000bchunked"),
                post("Transfer-Encoding: identity"),
                new Row(400, "POST /containers/create HTTP/1.0" + HOST + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                new Row(413, "POST /containers/create HTTP/1.1" + HOST + "Content-Length: 999999999\r\n\r\n"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void isAnsweredByTheGatewayAlone(Row row) {
        reached.clear();
        try (Wire client = gateway.unix()) {
            client.send(row.request().getBytes(StandardCharsets.ISO_8859_1));
            client.endOutput();
            Wire.Message response = client.readMessage();
            assertThat(response.status()).isEqualTo(row.status());
            assertThat(response.header("Content-Type")).isEqualTo("application/json");
            String shape = row.request().startsWith("GET /v2/") ? "{\"errors\":[{\"code\":\"" : "{\"message\":\"";
            boolean registry = response.body().startsWith("{\"errors\":[{");
            assertThat(response.body()).startsWith(registry ? "{\"errors\":[{" : shape);
            assertThat(registry).isEqualTo(row.request().startsWith("GET /v2/"));
        }
        assertThat(reached).isEmpty();
    }

    @Test
    void thereAreEnoughOfThem() {
        assertThat(malformed().count()).isGreaterThan(60);
    }
}
