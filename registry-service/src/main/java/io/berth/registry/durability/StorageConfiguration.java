package io.berth.registry.durability;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class StorageConfiguration {
    @Bean
    DataDirectory dataDirectory(StorageProperties properties) {
        return new DataDirectory(properties.dataDir());
    }
}
