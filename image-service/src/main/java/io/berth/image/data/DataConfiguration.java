package io.berth.image.data;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class DataConfiguration {
    @Bean
    DataDirectory dataDirectory(ImageProperties properties) {
        return new DataDirectory(properties.dataDir()).create();
    }

    @Bean
    EngineSocket engineSocket(ImageProperties properties) {
        return new EngineSocket(properties.engineSocket());
    }

    @Bean
    PartialDownloads partialDownloads(ImageProperties properties) {
        return new PartialDownloads(properties.partialDownloadLifetime());
    }
}
