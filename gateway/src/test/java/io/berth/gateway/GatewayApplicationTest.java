package io.berth.gateway;

import static io.berth.gateway.fixture.FakeBackend.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.berth.gateway.fixture.FakeBackend;
import io.berth.gateway.fixture.LeakWatch;
import io.berth.gateway.fixture.Wire;
import io.berth.gateway.listener.ClientListeners;
import java.nio.file.Files;
import java.nio.file.Path;
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
                GatewayApplication.class, "--berth.gateway.run-dir=" + directory, "--berth.gateway.port=0");
    }

    @AfterAll
    static void stop() {
        application.close();
        assertThat(directory.resolve("docker.sock")).doesNotExist();
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
    void theDashboardIsOnePageWithAStrictPolicy() {
        for (String path : new String[] {"/", "/dashboard"}) {
            Wire.Message page = get(path);
            assertThat(page.status()).isEqualTo(200);
            assertThat(page.header("Content-Type")).startsWith("text/html");
            assertThat(page.header("Content-Security-Policy"))
                    .contains("default-src 'none'")
                    .contains("script-src 'sha256-")
                    .doesNotContain("unsafe");
            assertThat(page.body()).contains("<title>Berth</title>").doesNotContain("http://", "https://");
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
                .contains("berth_gateway_requests_total{backend=\"platform\"")
                .contains("resilience4j_circuitbreaker_state{")
                .contains("jvm_memory_used_bytes");
        assertThat(get("/actuator/health").status()).isEqualTo(200);
        assertThat(get("/actuator/env").status()).isEqualTo(404);
        assertThat(get("/dashboard/nothing").body()).isEqualTo("{\"message\":\"page not found\"}");
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
                                "--berth.gateway.port=0")
                        .close()))
                .hasStackTraceContaining("another process listens on");
        assertThat(get("/dashboard").status()).isEqualTo(200);
    }

    @Test
    void thePackagesKeepTheirBounds() {
        ApplicationModules.of(GatewayApplication.class).verify();
    }
}
