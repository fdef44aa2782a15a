package io.berth.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.berth.image.removal.ImageUsers;
import io.berth.kernel.RawTar;
import io.berth.unixhttp.PlatformKey;
import io.berth.unixhttp.UnixHttpClients;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.http.HttpMethod;
import org.springframework.web.client.RestClient;

/**
 * Everything that the service fetches for a caller, led to this machine: as a developer nothing gets there, as an operator it does. One
 * address, 127.0.0.2, is allowed to developers, so that it can send them on. See docs/THREAT_MODEL.md. Needs root to set owners.
 */
@Tag("kernel")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OutgoingAttackTest {
    private static final String DEVELOPER = "name=alice;role=developer;projects=shop;source=TOKEN;credential=7";
    private static final String REFUSING = "refusing to connect to ";

    @TempDir
    static Path directory;

    private final List<String> inside = new CopyOnWriteArrayList<>();
    private final List<String> outside = new CopyOnWriteArrayList<>();
    private volatile UnaryOperator<String> location = path -> "";
    private volatile boolean challenging;
    private HttpServer canary;
    private HttpServer allowed;
    private ConfigurableApplicationContext service;
    private RestClient client;

    @TestConfiguration(proxyBeanMethods = false)
    static class FakeEngine {
        @Bean
        @Primary
        ImageUsers fakeImageUsers() {
            return _ -> List.of();
        }
    }

    @BeforeAll
    void start() throws IOException {
        boolean root = Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        if (!root && !"required".equals(System.getProperty("kernel.tests"))) {
            Assumptions.abort("kernel tests need root");
        }
        assertThat(root).as("kernel tests are required here and need root").isTrue();
        canary = server("::", exchange -> {
            inside.add(exchange.getRequestURI().toString());
            exchange.sendResponseHeaders(404, -1);
        });
        allowed = server("127.0.0.2", this::sendOn);
        Path key = Files.writeString(directory.resolve("key"), "k".repeat(40));
        Path socket = directory.resolve("image.sock");
        service = new SpringApplication(ImageServiceApplication.class, FakeEngine.class)
                .run(
                        "--berth.http.socket=" + socket,
                        "--berth.http.platform-key-file=" + key,
                        "--berth.image.data-dir=" + directory.resolve("data"),
                        "--berth.image.engine-socket=" + directory.resolve("engine.sock"),
                        "--berth.image.transfer-attempts=1",
                        "--berth.image.outgoing.allowed=127.0.0.2/32");
        client = UnixHttpClients.builder(socket, PlatformKey.read(key), Duration.ofSeconds(60))
                .build();
    }

    private interface Handling {
        void handle(HttpExchange exchange) throws IOException;
    }

    private static HttpServer server(String address, Handling handling) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(address), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            try (exchange) {
                handling.handle(exchange);
            }
        });
        server.start();
        return server;
    }

    /** Redirects, or asks for a token, or has nothing. */
    private void sendOn(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().toString();
        outside.add(path);
        if (challenging) {
            exchange.getResponseHeaders()
                    .set("WWW-Authenticate", "Bearer realm=\"" + location.apply("/token") + "\",service=\"s\"");
            exchange.sendResponseHeaders(401, -1);
        } else if (location.apply(path).isEmpty() || path.equals("/v2/")) {
            exchange.sendResponseHeaders(path.equals("/v2/") ? 200 : 404, -1);
        } else {
            exchange.getResponseHeaders().set("Location", location.apply(path));
            exchange.sendResponseHeaders(307, -1);
        }
    }

    @AfterAll
    void stop() {
        if (service != null) {
            service.close();
            canary.stop(0);
            allowed.stop(0);
        }
    }

    @BeforeEach
    void forget() {
        inside.clear();
        outside.clear();
        challenging = false;
        location = _ -> "";
    }

    private record Answer(int status, String body) {}

    /** What somebody may ask for, with HOST where they say which server it is about. */
    private record Request(String method, String path, String body) {
        Request at(String host) {
            return new Request(
                    method,
                    path.replace("HOST", URLEncoder.encode(host, StandardCharsets.UTF_8)),
                    body.replace("HOST", host));
        }
    }

    private static Request request(String method, String path, String body) {
        return new Request(method, path, body);
    }

    private Answer send(Request request, boolean developer) throws IOException {
        byte[] text = request.body().getBytes(StandardCharsets.UTF_8);
        byte[] body = request.path().equals("/auth")
                ? text
                : new RawTar().entry('0', "Dockerfile", "", text).end();
        return client.method(HttpMethod.valueOf(request.method()))
                .uri(URI.create("http://localhost" + request.path()))
                .headers(headers -> {
                    headers.set(
                            "Content-Type",
                            request.path().startsWith("/auth") ? "application/json" : "application/x-tar");
                    if (developer) {
                        headers.set("Berth-Identity", DEVELOPER);
                    }
                })
                .body(body)
                .exchange((_, response) -> new Answer(
                        response.getStatusCode().value(),
                        new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8)));
    }

    private static final Request ADD = request("POST", "/build?t=shop/a", "FROM scratch\nADD http://HOST/x /x\n");
    private static final Request IMPORT = request("POST", "/images/create?fromSrc=http%3A%2F%2FHOST%2Fx", "");
    private static final Request GIT = request("POST", "/build?remote=http%3A%2F%2FHOST%2Fx.git", "");
    private static final Request PULL = request("POST", "/images/create?fromImage=HOST%2Fshop%2Fx&tag=1", "");
    private static final Request PUSH = request("POST", "/images/HOST%2Fshop%2Fx/push?tag=1", "");

    static Stream<Request> fetchers() {
        return Stream.of(
                ADD,
                request("POST", "/build?t=shop/a", "FROM scratch\nADD http://HOST/x.git /x\n"),
                request("POST", "/build?t=shop/a", "FROM HOST/x:1\n"),
                request("POST", "/build?t=shop/a", "FROM scratch\nCOPY --from=HOST/x:1 / /\n"),
                request("POST", "/build?remote=http%3A%2F%2FHOST%2Fx", ""),
                GIT,
                IMPORT,
                request("POST", "/images/create?fromSrc=HOST%2Fx", ""),
                PULL,
                request("GET", "/distribution/HOST%2Fx/json", ""),
                request("GET", "/images/search?term=HOST%2Fx", ""),
                request("POST", "/auth", "{\"username\":\"a\",\"password\":\"b\",\"serveraddress\":\"HOST\"}"),
                request("POST", "/auth", "{\"username\":\"a\",\"password\":\"b\",\"serveraddress\":\"http://HOST\"}"),
                PUSH);
    }

    private void prepare(Request request, String host) throws IOException {
        if (request.equals(PUSH)) {
            Answer imported = send(
                    request("POST", "/images/create?fromSrc=-&repo=HOST%2Fshop%2Fx&tag=1", "")
                            .at(host),
                    false);
            assertThat(imported.status()).as(imported.body()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @MethodSource("fetchers")
    void nothingOfADevelopersLeadsToThisMachine(Request request) throws IOException {
        int port = canary.getAddress().getPort();
        for (String host : new String[] {"127.0.0.1:" + port, "localhost:" + port}) {
            prepare(request, host);
            Answer answer = send(request.at(host), true);
            assertThat(answer.body()).as(host).contains(REFUSING + host.substring(0, host.indexOf(':')));
            assertThat(answer.status()).as(answer.body()).isIn(200, 400, 403);
            assertThat(inside).as(host).isEmpty();
            assertThat(send(request.at(host), false).body()).doesNotContain(REFUSING);
            assertThat(inside).as("an operator's").isNotEmpty();
            inside.clear();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[::1]",
                "[::ffff:127.0.0.1]",
                "[::ffff:7f00:1]",
                "2130706433",
                "127.1",
                "0",
                "0.0.0.0",
                "0x7f.0.0.1",
                "0x7f000001",
                "169.254.169.254",
                "[fe80::1]",
                "10.0.0.1",
                "LOCALHOST",
                "localhost."
            })
    void norDoesAnotherSpelling(String host) throws IOException {
        for (Request request : List.of(ADD, IMPORT, GIT, PULL)) {
            Answer answer = send(request.at(host + ":" + canary.getAddress().getPort()), true);
            assertThat(answer.status()).as(answer.body()).isIn(200, 400, 403, 500); // 500 is Docker's for such hosts
            assertThat(answer.body()).as("%s", request).containsAnyOf(REFUSING, "invalid", "no such host");
        }
        assertThat(inside).isEmpty();
    }

    static Stream<Arguments> sentOn() {
        return fetchers()
                .filter(request -> !request.path().equals("/auth")) // which follows nothing
                .map(request -> Arguments.of(request));
    }

    @ParameterizedTest
    @MethodSource("sentOn")
    void norDoesAServerThatSendsADeveloperOn(Request request) throws IOException {
        String host = "127.0.0.2:" + allowed.getAddress().getPort();
        prepare(request, host);
        location = path -> "http://127.0.0.1:" + canary.getAddress().getPort() + path;
        Answer answer = send(request.at(host), true);
        assertThat(outside).as("what an operator allows is reached").isNotEmpty();
        assertThat(inside).as(answer.body()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("fetchers")
    void norDoesATokensRealm(Request request) throws IOException {
        String host = "127.0.0.2:" + allowed.getAddress().getPort();
        prepare(request, host);
        challenging = true;
        location = path -> "http://127.0.0.1:" + canary.getAddress().getPort() + path;
        Answer answer = send(request.at(host), true);
        assertThat(outside).isNotEmpty();
        assertThat(inside).as(answer.body()).isEmpty();
    }

    @Test
    void aRealmIsAskedForAnOperator() throws IOException {
        challenging = true;
        location = path -> "http://127.0.0.1:" + canary.getAddress().getPort() + path;
        Answer _ = send(PULL.at("127.0.0.2:" + allowed.getAddress().getPort()), false);
        assertThat(inside).anyMatch(path -> path.startsWith("/token"));
    }

    @Test
    void gitsOwnProtocolIsTheOperators() throws IOException {
        Answer answer = send(request("POST", "/build?remote=git%3A%2F%2F127.0.0.2%2Fx", ""), true);
        assertThat(answer.body()).contains("repositories are fetched for developers by https and http only");
    }

    @Test
    void norDoesACommandOnTheHostsNetwork() throws IOException {
        assertThat(send(request("POST", "/build?t=shop/a", "FROM scratch\nRUN --network=host [\"/x\"]\n"), true)
                        .body())
                .contains("network.host is not allowed");
        Answer answer = send(request("POST", "/build?t=shop/a&networkmode=host", "FROM scratch\nRUN [\"/x\"]\n"), true);
        assertThat(answer.status()).as(answer.body()).isEqualTo(403);
    }

    /** What an open port and a closed one answer differs in nothing. */
    @Test
    void nothingIsLearntOfPorts() throws IOException {
        List<String> answers = new ArrayList<>();
        for (int port : new int[] {canary.getAddress().getPort(), 1}) {
            for (Request request : List.of(IMPORT, GIT, PULL)) {
                Answer answer = send(request.at("127.0.0.1:" + port), true);
                answers.add(answer.status() + " " + answer.body().replace(":" + port, ":PORT"));
            }
        }
        assertThat(answers.subList(0, 3)).isEqualTo(answers.subList(3, 6));
    }
}
