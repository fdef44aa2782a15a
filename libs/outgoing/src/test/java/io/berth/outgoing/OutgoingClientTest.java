package io.berth.outgoing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class OutgoingClientTest {
    private final OutgoingClient client = new OutgoingClient(Duration.ofSeconds(5), Duration.ofSeconds(1));
    private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
    private final Set<Integer> ports = ConcurrentHashMap.newKeySet();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            seen.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Host") + " " + body);
            ports.add(exchange.getRemoteAddress().getPort());
            exchange.getResponseHeaders().add("X-Twice", "a");
            exchange.getResponseHeaders().add("x-twice", "b");
            byte[] answer = "hello".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, exchange.getRequestMethod().equals("HEAD") ? -1 : answer.length);
            exchange.getResponseBody().write(exchange.getRequestMethod().equals("HEAD") ? new byte[0] : answer);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        client.close();
        server.stop(0);
    }

    private URI uri(String host, String path) {
        return URI.create("http://" + host + ":" + server.getAddress().getPort() + path);
    }

    private OutgoingResponse get(URI uri, Destinations destinations) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(), destinations);
    }

    private static Destinations.Names always(String address) {
        return _ -> List.of(InetAddress.ofLiteral(address));
    }

    @Test
    void connectsToTheCheckedAddressUnderTheNameThatWasAskedFor() throws Exception {
        try (InputStream body = get(uri("a.example", "/x%2Fy?q=%41"), Destinations.ANY.by(always("127.0.0.1")))
                .body()) {
            assertThat(body.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("hello");
        }
        assertThat(seen)
                .containsExactly(
                        "GET /x%2Fy?q=%41 a.example:" + server.getAddress().getPort() + " ");
    }

    @Test
    void refusesBeforeAnythingIsConnected() {
        for (String host : new String[] {"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::1]"}) {
            assertThatThrownBy(() -> get(uri(host, "/"), Destinations.publicAnd(List.of())))
                    .as(host)
                    .isInstanceOf(DestinationRefused.class);
        }
        assertThatThrownBy(() -> get(
                        uri("a.example", "/"), Destinations.publicAnd(List.of()).by(always("127.0.0.1"))))
                .isInstanceOf(DestinationRefused.class);
        assertThat(seen).isEmpty();
        assertThat(ports).isEmpty();
    }

    /** A connection that somebody else may use is none for who may not go there. */
    @Test
    void aKeptConnectionIsNoWayRound() throws Exception {
        get(uri("127.0.0.1", "/"), Destinations.ANY).body().readAllBytes();
        assertThatThrownBy(() -> get(uri("127.0.0.1", "/"), Destinations.publicAnd(List.of())))
                .isInstanceOf(DestinationRefused.class);
        assertThat(seen).hasSize(1);
    }

    @Test
    void sendsBodiesAndKeepsConnections() throws Exception {
        for (int i = 0; i < 3; i++) {
            HttpRequest.Builder request = HttpRequest.newBuilder(uri("127.0.0.1", "/up"))
                    .timeout(Duration.ofSeconds(10))
                    .POST(HttpRequest.BodyPublishers.ofInputStream(
                            () -> new java.io.ByteArrayInputStream(new byte[] {'a', 'b'})));
            try (InputStream body =
                    client.send(request.build(), Destinations.ANY).body()) {
                assertThat(body.readNBytes(5)).hasSize(5); // has all of it without having seen the end
            }
        }
        OutgoingResponse head = client.send(
                HttpRequest.newBuilder(uri("127.0.0.1", "/"))
                        .method("HEAD", HttpRequest.BodyPublishers.noBody())
                        .timeout(Duration.ofSeconds(10))
                        .build(),
                Destinations.ANY);
        assertThat(head.body().readAllBytes()).isEmpty();
        assertThat(head.headers().allValues("X-TWICE")).containsExactly("a", "b");
        assertThat(seen)
                .hasSize(4)
                .contains("POST /up 127.0.0.1:" + server.getAddress().getPort() + " ab");
        assertThat(ports).hasSize(1);
    }

    @Test
    void triesTheOtherAddressesOfAHost() throws Exception {
        Destinations both = Destinations.ANY.by(
                _ -> List.of(InetAddress.ofLiteral("127.0.0.9"), InetAddress.ofLiteral("127.0.0.1")));
        assertThat(get(uri("a.example", "/"), both).address()).isEqualTo(InetAddress.ofLiteral("127.0.0.1"));
    }

    @Test
    void sameFailuresAsJavasOwnClient() throws Exception {
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        assertThatThrownBy(() -> get(URI.create("http://127.0.0.1:" + closed + "/"), Destinations.ANY))
                .isInstanceOf(ConnectException.class);
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(
                            () -> get(URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/"), Destinations.ANY))
                    .isInstanceOf(HttpTimeoutException.class);
        }
    }

    @Test
    void aBodyThatStopsIsAFailureAndClosingItEndsAReader() throws Exception {
        try (ServerSocket slow = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        var peer = slow.accept();
                        peer.getOutputStream()
                                .write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"
                                        .getBytes(StandardCharsets.US_ASCII));
                    }
                } catch (IOException e) {
                    // the test is over
                }
            });
            URI uri = URI.create("http://127.0.0.1:" + slow.getLocalPort() + "/");
            InputStream body = get(uri, Destinations.ANY).body();
            assertThatThrownBy(body::readAllBytes).isInstanceOf(HttpTimeoutException.class);
            InputStream other = get(uri, Destinations.ANY).body();
            assertThat(other.readNBytes(3)).hasSize(3);
            Thread closer = Thread.ofVirtual().start(() -> {
                try {
                    other.close();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertThatThrownBy(other::read).isInstanceOf(IOException.class);
            closer.join();
        }
    }
}
