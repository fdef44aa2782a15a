package io.berth.engine.image.web;

import io.berth.engine.data.EngineProperties;
import io.berth.engine.image.Images;
import io.berth.node.ImageNode;
import io.berth.unixhttp.PlatformKey;
import io.berth.unixhttp.UnixHttpClients;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;

/** Connects to image-service when it is first asked for something: the services start in any order. */
@Configuration(proxyBeanMethods = false)
class ImageClientConfiguration {
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(30);
    /** A commit answers when all files of the container have been copied and compressed. */
    private static final Duration COPY_TIMEOUT = Duration.ofHours(1);

    @Bean
    Images images(EngineProperties engine, PlatformKey key) {
        return new NodeImages(
                node(engine.imageSocket(), key, READ_TIMEOUT), node(engine.imageSocket(), key, COPY_TIMEOUT));
    }

    private static ImageNode node(Path socket, PlatformKey key, Duration timeout) {
        RestClient client = UnixHttpClients.builder(socket, key, timeout).build();
        return UnixHttpClients.proxy(client, ImageNode.class);
    }
}
