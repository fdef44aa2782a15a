package io.berth.image.removal.web;

import io.berth.image.data.EngineSocket;
import io.berth.image.event.ImageEvents;
import io.berth.image.removal.ImageUsers;
import io.berth.node.EngineNode;
import io.berth.unixhttp.PlatformKey;
import io.berth.unixhttp.UnixHttpClients;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class EngineConfiguration {
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);

    @Bean
    EngineNode engineNode(EngineSocket socket, PlatformKey key) {
        return UnixHttpClients.proxy(
                UnixHttpClients.builder(socket.path(), key, READ_TIMEOUT).build(), EngineNode.class);
    }

    @Bean
    ImageUsers imageUsers(EngineNode engine) {
        return new EngineImageUsers(engine);
    }

    @Bean
    ImageEvents imageEvents(EngineNode engine) {
        return new ImageEvents(engine::publish);
    }
}
