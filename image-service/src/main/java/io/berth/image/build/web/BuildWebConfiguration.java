package io.berth.image.build.web;

import io.berth.image.build.BuildSteps;
import io.berth.image.data.EngineSocket;
import io.berth.node.EngineNode;
import io.berth.unixhttp.PlatformKey;
import io.berth.unixhttp.UnixHttpClients;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class BuildWebConfiguration {
    /** The engine shows every few seconds that a command goes on. */
    private static final Duration SILENCE = Duration.ofSeconds(30);

    @Bean
    BuildSteps buildSteps(EngineSocket socket, PlatformKey key, EngineNode engine) {
        return new EngineBuildSteps(
                UnixHttpClients.builder(socket.path(), key, SILENCE).build(), engine);
    }
}
