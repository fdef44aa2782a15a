package io.berth.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.gateway.route.Backend;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

class GatewayPropertiesTest {
    private final ApplicationContextRunner runner =
            new ApplicationContextRunner().withUserConfiguration(Properties.class);

    @Configuration(proxyBeanMethods = false)
    @EnableConfigurationProperties(GatewayProperties.class)
    static class Properties {}

    @Test
    void defaults() {
        runner.withPropertyValues("berth.gateway.run-dir=/run/b").run(context -> {
            GatewayProperties properties = context.getBean(GatewayProperties.class);
            assertThat(properties.clientSocket()).isEqualTo(Path.of("/run/b/docker.sock"));
            assertThat(properties.bindAddress()).isEqualTo("127.0.0.1");
            assertThat(properties.port()).isEqualTo(2375);
            assertThat(properties.eventLoopCount()).isBetween(1, 4);
            assertThat(properties.backendSockets(Path.of("/run/b/own.sock")))
                    .containsEntry(Backend.ENGINE, Path.of("/run/b/engine.sock"))
                    .containsEntry(Backend.IMAGE, Path.of("/run/b/image.sock"))
                    .containsEntry(Backend.REGISTRY, Path.of("/run/b/registry.sock"))
                    .containsEntry(Backend.PLATFORM, Path.of("/run/b/own.sock"));
            assertThat(properties.timeouts().responseHead()).isEqualTo(Duration.ofSeconds(60));
            assertThat(properties.timeouts().routes()).containsOnly(Map.entry("ping", Duration.ofSeconds(10)));
            assertThat(properties.timeouts().restart()).isEqualTo(Duration.ofSeconds(10));
            assertThat(properties.rateLimits()).isEmpty();
            assertThat(properties.limits().waiting()).isEqualTo(512);
            assertThat(properties.breaker().openFor()).isEqualTo(Duration.ofSeconds(2));
        });
    }

    @Test
    void everythingCanBeSet() {
        runner.withPropertyValues(
                        "berth.gateway.run-dir=/r",
                        "berth.gateway.socket=/s",
                        "berth.gateway.socket-group=docker",
                        "berth.gateway.bind-address=127.0.0.2",
                        "berth.gateway.port=0",
                        "berth.gateway.allowed-hosts=a,b",
                        "berth.gateway.event-loops=7",
                        "berth.gateway.backends.engine=/e",
                        "berth.gateway.timeouts.response-head=3s",
                        "berth.gateway.timeouts.routes.images=4s",
                        "berth.gateway.timeouts.routes.ping=5s",
                        "berth.gateway.timeouts.restart=0s",
                        "berth.gateway.rate-limits.developer.requests=50",
                        "berth.gateway.rate-limits.developer.per=10s",
                        "berth.gateway.limits.idle-connections=1",
                        "berth.gateway.breaker.window=9")
                .run(context -> {
                    GatewayProperties properties = context.getBean(GatewayProperties.class);
                    assertThat(properties.clientSocket()).isEqualTo(Path.of("/s"));
                    assertThat(properties.socketGroup()).isEqualTo("docker");
                    assertThat(properties.bindAddress()).isEqualTo("127.0.0.2");
                    assertThat(properties.allowedHosts()).containsExactlyInAnyOrder("a", "b");
                    assertThat(properties.eventLoopCount()).isEqualTo(7);
                    assertThat(properties.backendSockets(Path.of("/o"))).containsEntry(Backend.ENGINE, Path.of("/e"));
                    assertThat(properties.timeouts().responseHead()).isEqualTo(Duration.ofSeconds(3));
                    assertThat(properties.timeouts().routes())
                            .containsOnly(
                                    Map.entry("ping", Duration.ofSeconds(5)),
                                    Map.entry("images", Duration.ofSeconds(4)));
                    assertThat(properties.timeouts().restart()).isZero();
                    assertThat(properties.rateLimits().get("developer"))
                            .isEqualTo(new GatewayProperties.Rate(50, Duration.ofSeconds(10)));
                    assertThat(properties.limits().idleConnections()).isEqualTo(1);
                    assertThat(properties.breaker().window()).isEqualTo(9);
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "port=70000",
                "port=-1",
                "bind-address=",
                "event-loops=-1",
                "timeouts.connect=0s",
                "timeouts.restart=-1s",
                "timeouts.routes.nowhere=1s",
                "rate-limits.viewer.requests=0",
                "limits.waiting=0",
                "shares.percent=0",
                "shares.percent=101",
                "shares.reserve-percent=91",
                "shares.streams=0",
                "shares.uploads=0",
                "breaker.failure-rate-percent=0",
                "breaker.probes=0"
            })
    void refusesNonsense(String setting) {
        runner.withPropertyValues("berth.gateway.run-dir=/r", "berth.gateway." + setting)
                .run(context -> assertThat(context).hasFailed());
    }

    @Test
    void needsARunDirectory() {
        runner.run(context -> assertThatThrownBy(() -> context.getBean(GatewayProperties.class))
                .hasStackTraceContaining("runDir"));
    }
}
