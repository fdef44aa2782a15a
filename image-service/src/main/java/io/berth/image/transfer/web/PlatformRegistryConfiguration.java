package io.berth.image.transfer.web;

import io.berth.registryclient.OwnRegistries;
import io.berth.unixhttp.PlatformKey;
import io.berth.unixhttp.UnixHttpClients;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class PlatformRegistryConfiguration {
    private static final Duration TOKEN_TIMEOUT = Duration.ofSeconds(10);

    @Bean
    OwnRegistries ownRegistries(PlatformRegistryProperties properties, PlatformKey key) {
        if (properties.socket() == null) {
            return OwnRegistries.NONE;
        }
        return new PlatformRegistry(
                UnixHttpClients.builder(properties.socket(), key, TOKEN_TIMEOUT).build(),
                properties.hosts(),
                properties.address());
    }
}
