package io.berth.image.layer;

import io.berth.image.content.ContentStore;
import io.berth.image.data.DataDirectory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class LayerConfiguration {
    @Bean
    LayerUnpacker layerUnpacker(ContentStore content, DataDirectory data, LayerProperties properties) {
        return new LayerUnpacker(content, data, properties.limits(), properties.parallelism());
    }
}
