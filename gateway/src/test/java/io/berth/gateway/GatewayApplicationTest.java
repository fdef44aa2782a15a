package io.berth.gateway;

import static io.berth.gateway.fixture.FakeBackend.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.berth.gateway.fixture.FakeBackend;
import io.berth.gateway.fixture.LeakWatch;
import io.berth.gateway.fixture.Wire;
import io.berth.gateway.listener.ClientListeners;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.modulith.core.ApplicationModules;

/** The whole process, with scripted services behind it. */
@ExtendWith(LeakWatch.class)
@Timeout(120)
class GatewayApplicationTest {
    @TempDir
    static Path directory;

    private static ConfigurableApplicationContext application;

    @BeforeAll
    static void start() throws Exception {
        Files.writeString(directory.resolve("platform.key"), "k".repeat(48));
        application = SpringApplication.run(
                GatewayApplication.class,
                "--berth.gateway.run-dir=" + directory,
                "--berth.gateway.data-dir=" + directory.resolve("data"),
                "--berth.gateway.access=open",
                "--berth.gateway.port=0");
    }

    @AfterAll
    static void stop() {
        application.close();
        assertThat(directory.resolve("docker.sock")).doesNotExist();
    }

    private static Wire.Message get(String path, String header) {
        try (Wire client = Wire.tcp(application.getBean(ClientListeners.class).tcpAddress())) {
            client.sendLines("GET " + path + " HTTP/1.1\nHost: localhost\n" + header + "\n\n");
            return client.readMessage();
        }
    }

    private static Wire.Message get(String path) {
        try (Wire client = Wire.tcp(application.getBean(ClientListeners.class).tcpAddress())) {
            client.sendLines("GET " + path + " HTTP/1.1\nHost: localhost\n\n");
            return client.readMessage();
        }
    }

    private static FakeBackend service(String name, String status) {
        return FakeBackend.answering(
                directory.resolve(name + ".sock"),
                request -> request.start().startsWith("GET /actuator/health ")
                                && request.header("Berth-Platform-Key").equals("k".repeat(48))
                        ? status
                        : "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    }

    @Test
    void healthNamesEachServiceAndTheCauseOfItsFailure() {
        Wire.Message down = get("/health");
        assertThat(down.status()).isEqualTo(503);
        assertThat(down.body())
                .contains("\"status\":\"DOWN\"")
                .contains("its socket does not exist")
                .contains("\"gateway\":{");
        try (FakeBackend _ = service("engine", ok("{\"status\":\"UP\"}"));
                FakeBackend _ = service("image", ok("{\"status\":\"UP\"}"));
                FakeBackend _ = service("registry", ok("{\"status\":\"UP\"}"))) {
            Wire.Message up = get("/health");
            assertThat(up.status()).isEqualTo(200);
            assertThat(up.body()).startsWith("{\"status\":\"UP\",\"services\":{\"engine\":{\"status\":\"UP\"");
        }
        try (FakeBackend _ = service("engine", "HTTP/1.1 503 No\r\nContent-Length: 6\r\n\r\nno db!");
                FakeBackend _ = new FakeBackend(directory.resolve("image.sock"), wire -> wire.readToEnd());
                FakeBackend _ = service("registry", ok("{}"))) {
            Wire.Message mixed = get("/health");
            assertThat(mixed.status()).isEqualTo(503);
            assertThat(mixed.body())
                    .contains("answered 503: no db!")
                    .contains("no answer within 1000 ms")
                    .contains("\"registry\":{\"status\":\"UP\"");
        }
    }

    @Test
    void leadsToTheDashboard() {
        for (String path : new String[] {"/", "/dashboard"}) {
            Wire.Message start = get(path);
            assertThat(start.status()).isEqualTo(302);
            assertThat(start.header("Location")).isEqualTo("/ui");
        }
    }

    /** A build may leave the dashboard out, where there is no node to build it with. */
    private static void needDashboard() {
        assumeThat(get("/ui").body())
                .as("built with -Dberth.ui.skip=true")
                .doesNotContain("this build has no dashboard");
    }

    @Test
    void theDashboardHasAStrictPolicyAtEachOfItsAddresses() {
        needDashboard();
        for (String path : new String[] {"/ui", "/ui/", "/ui/containers/x/logs", "/ui/registry/team/app"}) {
            Wire.Message page = get(path);
            assertThat(page.status()).isEqualTo(200);
            assertThat(page.header("Content-Type")).isEqualTo("text/html;charset=utf-8");
            assertThat(page.header("Cache-Control")).isEqualTo("no-cache");
            assertThat(page.header("Content-Security-Policy"))
                    .contains("default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'")
                    .doesNotContain("unsafe", "*");
            assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(page.header("Referrer-Policy")).isEqualTo("no-referrer");
            assertThat(page.header("Cross-Origin-Opener-Policy")).isEqualTo("same-origin");
            assertThat(page.body())
                    .contains("<title>Berth</title>")
                    .doesNotContain("http://", "https://", "<style", "{{");
        }
    }

    @Test
    void assetsAreKeptForEverAndComeCompressed() {
        needDashboard();
        String page = get("/ui").body();
        Matcher names = Pattern.compile("/ui/assets/([^\"]+)").matcher(page);
        List<String> found = names.results().map(MatchResult::group).toList();
        assertThat(found).hasSize(4);
        for (String asset : found) {
            Wire.Message plain = get(asset);
            assertThat(plain.status()).isEqualTo(200);
            assertThat(plain.header("Cache-Control")).isEqualTo("max-age=31536000, public, immutable");
            assertThat(plain.header("Vary")).isEqualTo("Accept-Encoding");
            assertThat(plain.header("X-Content-Type-Options")).isEqualTo("nosniff");
            Wire.Message compressed = get(asset, "Accept-Encoding: br, gzip");
            assertThat(compressed.header("Content-Encoding")).isEqualTo("gzip");
            assertThat(compressed.header("ETag")).isNotEqualTo(plain.header("ETag"));
            assertThat(get(asset, "If-None-Match: " + plain.header("ETag")).status())
                    .isEqualTo(304);
            assertThat(get(asset, "Accept-Encoding: gzip;q=0").header("Content-Encoding"))
                    .isEmpty();
        }
    }

    @Test
    void assetsAreFoundByTheirNamesOnly() {
        for (String path : new String[] {
            "/ui/assets/app.js",
            "/ui/assets/index.html",
            "/ui/assets/..%2Findex.html",
            "/ui/assets/application.properties",
            "/ui/assets/app.js.gz"
        }) {
            assertThat(get(path).status()).as(path).isBetween(400, 404);
        }
    }

    @Test
    void showsItsStateAndMetrics() {
        Wire.Message platform = get("/api/platform");
        assertThat(platform.status()).isEqualTo(200);
        assertThat(platform.body())
                .contains("\"backends\":{\"engine\":{\"breaker\":\"")
                .contains("\"uptime\"");
        Wire.Message metrics = get("/metrics");
        assertThat(metrics.status()).isEqualTo(200);
        assertThat(metrics.body())
                .contains("berth_gateway_requests_total{service=\"gateway\",backend=\"platform\"")
                .contains("resilience4j_circuitbreaker_state{")
                .contains("jvm_memory_used_bytes");
        assertThat(get("/actuator/health").status()).isEqualTo(200);
        assertThat(get("/actuator/env").status()).isEqualTo(404);
        assertThat(get("/dashboard/nothing").body()).isEqualTo("{\"message\":\"page not found\"}");
    }

    private static Wire.Message setBreaker(String backend, String body) {
        try (Wire client = Wire.unix(directory.resolve("docker.sock"))) {
            client.sendLines("POST /api/platform/breakers/" + backend
                    + " HTTP/1.1\nHost: localhost\nContent-Type: application/json\nContent-Length: " + body.length()
                    + "\n\n" + body);
            return client.readMessage();
        }
    }

    @Test
    void anOperatorSetsABreaker() {
        for (String[] state : new String[][] {
            {"open", "FORCED_OPEN"},
            {"disabled", "DISABLED"},
            {"half-open", "HALF_OPEN"},
            {"closed", "CLOSED"},
            {"half-open", "HALF_OPEN"},
            {"closed", "CLOSED"}
        }) {
            Wire.Message set = setBreaker("registry", "{\"state\":\"" + state[0] + "\"}");
            assertThat(set.status()).isEqualTo(200);
            assertThat(set.body()).startsWith("{\"breaker\":\"" + state[1] + "\"");
            assertThat(get("/api/platform").body()).contains("\"registry\":{\"breaker\":\"" + state[1] + "\"");
            if (state[0].equals("open")) {
                Wire.Message refused = get("/v2/");
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.body()).contains("an operator has taken it out of service");
                assertThat(refused.header("Retry-After")).isEqualTo("2");
            }
        }
        assertThat(setBreaker("nobody", "{\"state\":\"open\"}").status()).isEqualTo(404);
        for (String nonsense : new String[] {"{\"state\":\"ajar\"}", "{}", "{\"state\":1}", "[", ""}) {
            assertThat(setBreaker("engine", nonsense).status()).as(nonsense).isEqualTo(400);
        }
    }

    @Test
    void theInternalListenerRefusesOthers() {
        try (Wire direct = Wire.unix(directory.resolve("gateway-internal.sock"))) {
            direct.sendLines("GET /health HTTP/1.1\nHost: localhost\n\n");
            assertThat(direct.readMessage().status()).isEqualTo(403);
        }
    }

    @Test
    void aSecondGatewayDoesNotTakeTheSocketsAway() {
        assertThat(catchThrowable(() -> SpringApplication.run(
                                GatewayApplication.class,
                                "--berth.gateway.run-dir=" + directory,
                                "--berth.gateway.data-dir=" + directory.resolve("second"),
                                "--berth.gateway.port=0")
                        .close()))
                .hasStackTraceContaining("another process listens on");
        assertThat(get("/health").status()).isEqualTo(503);
    }

    @Test
    void thePackagesKeepTheirBounds() {
        ApplicationModules.of(GatewayApplication.class).verify();
    }
}
