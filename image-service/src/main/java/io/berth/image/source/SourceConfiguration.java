package io.berth.image.source;

import io.berth.image.data.DataDirectory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class SourceConfiguration {
    @Bean(destroyMethod = "close")
    HttpSource httpSource(DataDirectory data, SourceProperties properties) {
        return new HttpSource(
                properties.limits(),
                new HttpFileCache(
                        data.root().resolve("build-http"),
                        properties.cacheSize().toBytes()));
    }

    @Bean(destroyMethod = "close")
    GitSource gitSource(SourceProperties properties) {
        return new GitSource(properties.limits());
    }
}
