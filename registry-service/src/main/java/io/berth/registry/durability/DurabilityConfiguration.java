package io.berth.registry.durability;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class DurabilityConfiguration {
    @Bean
    DataDirectory dataDirectory(DataProperties properties) {
        return new DataDirectory(properties.dataDir(), properties.sharedDir());
    }

    @Bean
    CollectionTimes collectionTimes(CollectionProperties properties) {
        return new CollectionTimes(properties.grace(), properties.delay(), properties.untagged());
    }
}
