package io.berth.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

class AccessPropertiesTest {
    private final ApplicationContextRunner runner =
            new ApplicationContextRunner().withUserConfiguration(Properties.class);

    @Configuration(proxyBeanMethods = false)
    @EnableConfigurationProperties(AccessProperties.class)
    static class Properties {}

    @Test
    void defaults() {
        runner.run(context -> assertThat(context.getBean(AccessProperties.class))
                .isEqualTo(new AccessProperties(
                        AccessMode.PRIVATE, Path.of("/var/lib/berth/gateway"), Duration.ofHours(12))));
    }

    @Test
    void everythingCanBeSet() {
        runner.withPropertyValues(
                        "berth.gateway.access=open", "berth.gateway.data-dir=/d", "berth.gateway.session-life=1h")
                .run(context -> assertThat(context.getBean(AccessProperties.class))
                        .isEqualTo(new AccessProperties(AccessMode.OPEN, Path.of("/d"), Duration.ofHours(1))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"access=closed", "session-life=1s"})
    void refusesNonsense(String setting) {
        runner.withPropertyValues("berth.gateway." + setting)
                .run(context -> assertThat(context).hasFailed());
    }
}
