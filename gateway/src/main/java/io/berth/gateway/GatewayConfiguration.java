package io.berth.gateway;

import io.berth.gateway.dashboard.PlatformViews;
import io.berth.gateway.health.PlatformHealth;
import io.berth.gateway.listener.ClientListeners;
import io.berth.gateway.listener.ListenerSettings;
import io.berth.gateway.proxy.Proxy;
import io.berth.gateway.proxy.ProxySettings;
import io.berth.gateway.resilience.BackendGuards;
import io.berth.gateway.resilience.GuardSettings;
import io.berth.gateway.route.Backend;
import io.berth.gateway.route.RoutingTable;
import io.berth.gateway.transport.Transport;
import io.berth.unixhttp.PlatformKey;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts the data plane together. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(GatewayProperties.class)
class GatewayConfiguration {
    private final GatewayProperties properties;
    private final Map<Backend, Path> sockets;

    GatewayConfiguration(GatewayProperties properties, @Value("${berth.http.socket}") Path internalSocket) {
        this.properties = properties;
        this.sockets = properties.backendSockets(internalSocket);
    }

    @Bean
    Transport transport() {
        return Transport.open(properties.eventLoopCount());
    }

    @Bean
    BackendGuards backendGuards() {
        GatewayProperties.Breaker breaker = properties.breaker();
        return new BackendGuards(new GuardSettings(
                breaker.window(),
                breaker.minimumCalls(),
                breaker.failureRatePercent(),
                breaker.openFor(),
                breaker.probes(),
                properties.limits().waiting()));
    }

    @Bean
    Proxy proxy(Transport transport, BackendGuards guards, PlatformKey key) {
        GatewayProperties.Timeouts timeouts = properties.timeouts();
        return new Proxy(
                transport,
                new RoutingTable(),
                guards,
                new ProxySettings(
                        sockets,
                        timeouts.connect(),
                        timeouts.responseHead(),
                        timeouts.clientIdle(),
                        properties.limits().idleConnections(),
                        properties.allowedHosts().stream()
                                .map(name -> name.toLowerCase(Locale.ROOT))
                                .collect(Collectors.toSet())),
                key);
    }

    @Bean
    ClientListeners clientListeners(Transport transport, Proxy proxy) {
        return new ClientListeners(
                transport,
                proxy,
                new ListenerSettings(
                        properties.clientSocket(),
                        properties.socketGroup(),
                        properties.bindAddress(),
                        properties.port()));
    }

    @Bean
    PlatformHealth platformHealth(Transport transport, PlatformKey key) {
        return new PlatformHealth(transport, key, sockets);
    }

    @Bean
    PlatformViews platformViews(PlatformHealth health, BackendGuards guards, Transport transport) {
        return new PlatformViews(health, guards, transport);
    }
}
