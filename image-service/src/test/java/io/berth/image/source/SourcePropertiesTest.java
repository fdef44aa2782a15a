package io.berth.image.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.unit.DataSize;

class SourcePropertiesTest {
    private final ApplicationContextRunner runner =
            new ApplicationContextRunner().withUserConfiguration(Properties.class);

    @Configuration(proxyBeanMethods = false)
    @EnableConfigurationProperties(SourceProperties.class)
    static class Properties {}

    @Test
    void defaults() {
        runner.run(context -> {
            SourceProperties properties = context.getBean(SourceProperties.class);
            assertThat(properties.cacheSize()).isEqualTo(DataSize.ofGigabytes(1));
            SourceLimits limits = properties.limits();
            assertThat(limits.maxBytes()).isEqualTo(8L << 30);
            assertThat(limits.maxDuration()).isEqualTo(Duration.ofMinutes(30));
            assertThat(limits.silence()).isEqualTo(Duration.ofSeconds(60));
            assertThat(limits.connectTimeout()).isEqualTo(Duration.ofSeconds(10));
            assertThat(limits.maxRedirects()).isEqualTo(10);
            assertThat(limits.privateRedirects()).isFalse();
            assertThat(limits.gitProtocols()).containsExactlyInAnyOrder("https", "http", "git");
        });
    }

    @Test
    void everythingCanBeSet() {
        runner.withPropertyValues(
                        "berth.image.build.source.max-size=1KB",
                        "berth.image.build.source.max-duration=1s",
                        "berth.image.build.source.silence=2s",
                        "berth.image.build.source.connect-timeout=3s",
                        "berth.image.build.source.max-redirects=0",
                        "berth.image.build.source.private-redirects=true",
                        "berth.image.build.source.git-protocols=https",
                        "berth.image.build.source.cache-size=0")
                .run(context -> {
                    SourceProperties properties = context.getBean(SourceProperties.class);
                    assertThat(properties.cacheSize().toBytes()).isZero();
                    assertThat(properties.limits())
                            .isEqualTo(new SourceLimits(
                                    1024,
                                    Duration.ofSeconds(1),
                                    Duration.ofSeconds(2),
                                    Duration.ofSeconds(3),
                                    0,
                                    true,
                                    java.util.Set.of("https")));
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"max-redirects=-1", "max-redirects=51", "max-size=x", "silence=soon"})
    void refuses(String property) {
        runner.withPropertyValues("berth.image.build.source." + property)
                .run(context -> assertThat(context).hasFailed());
    }
}
