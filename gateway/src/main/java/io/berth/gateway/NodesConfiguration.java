package io.berth.gateway;

import io.berth.gateway.merge.Broadcast;
import io.berth.gateway.merge.MergedEvents;
import io.berth.gateway.merge.MergedReads;
import io.berth.gateway.merge.MergedVersion;
import io.berth.gateway.merge.Placing;
import io.berth.gateway.merge.Replicated;
import io.berth.gateway.node.Locator;
import io.berth.gateway.node.NodeRouting;
import io.berth.gateway.node.Nodes;
import io.berth.gateway.route.Backend;
import io.berth.gateway.transport.Transport;
import io.berth.unixhttp.PlatformKey;
import io.berth.unixhttp.UnixHttpProperties;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts together what there is of several nodes. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(NodesProperties.class)
class NodesConfiguration {
    /** Longest wait for nodes at start-up: what is not known by then is found by asking. */
    private static final Duration FIRST_LOOK = Duration.ofSeconds(3);

    private final NodesProperties properties;
    private final Map<Backend, Path> sockets;

    NodesConfiguration(NodesProperties properties, GatewayProperties gateway, UnixHttpProperties http) {
        this.properties = properties;
        this.sockets = gateway.backendSockets(http.socket());
    }

    @Bean
    Nodes nodes(PlatformKey key) {
        Nodes nodes = new Nodes(
                properties.localNode().spec(socket(Backend.ENGINE), socket(Backend.IMAGE)),
                properties.nodes().stream().map(NodesProperties.Further::spec).toList(),
                properties.file(),
                key,
                properties.nodePatience());
        nodes.awaitFirstLook(FIRST_LOOK);
        return nodes;
    }

    private Path socket(Backend backend) {
        Path socket = sockets.get(backend);
        if (socket == null) {
            throw new IllegalStateException("no socket for " + backend);
        }
        return socket.toAbsolutePath();
    }

    @Bean
    Locator locator(Nodes nodes) {
        return new Locator(nodes);
    }

    @Bean
    NodeRouting nodeRouting(Nodes nodes, Locator locator) {
        return new NodeRouting(nodes, locator);
    }

    @Bean
    MergedReads mergedReads(Nodes nodes, Locator locator) {
        return new MergedReads(nodes, locator);
    }

    @Bean
    MergedVersion mergedVersion(Nodes nodes, Transport transport, PlatformKey key) {
        return new MergedVersion(nodes, transport, key, socket(Backend.REGISTRY));
    }

    @Bean
    Replicated replicated(Nodes nodes, Locator locator) {
        return new Replicated(nodes, locator);
    }

    @Bean
    Placing placing(Nodes nodes, Locator locator) {
        return new Placing(nodes, locator, properties.placement());
    }

    @Bean
    Broadcast broadcast(Nodes nodes) {
        return new Broadcast(nodes);
    }

    @Bean
    MergedEvents mergedEvents(Nodes nodes) {
        return new MergedEvents(nodes);
    }
}
