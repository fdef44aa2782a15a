package io.berth.image.removal.web;

import io.berth.image.data.EngineSocket;
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
    ImageUsers imageUsers(EngineSocket socket, PlatformKey key) {
        return new EngineImageUsers(UnixHttpClients.proxy(
                UnixHttpClients.builder(socket.path(), key, READ_TIMEOUT).build(), EngineNode.class));
    }
}
