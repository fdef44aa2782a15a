package io.berth.gateway;

import io.berth.gateway.access.Gate;
import io.berth.gateway.access.Inquiry;
import io.berth.gateway.access.SocketInquiry;
import io.berth.gateway.audit.AuditLog;
import io.berth.gateway.dashboard.PlatformViews;
import io.berth.gateway.health.PlatformHealth;
import io.berth.gateway.listener.ClientListeners;
import io.berth.gateway.listener.ListenerSettings;
import io.berth.gateway.metrics.PlatformMetrics;
import io.berth.gateway.metrics.Traffic;
import io.berth.gateway.node.NodeRouting;
import io.berth.gateway.node.Nodes;
import io.berth.gateway.proxy.ClientLimits;
import io.berth.gateway.proxy.Proxy;
import io.berth.gateway.proxy.ProxySettings;
import io.berth.gateway.resilience.BackendGuards;
import io.berth.gateway.resilience.GuardSettings;
import io.berth.gateway.resilience.RateLimit;
import io.berth.gateway.resilience.RateLimits;
import io.berth.gateway.resilience.ShareSettings;
import io.berth.gateway.route.Backend;
import io.berth.gateway.route.RoutingTable;
import io.berth.gateway.transport.Transport;
import io.berth.login.LoginThrottle;
import io.berth.unixhttp.PlatformKey;
import io.berth.unixhttp.Spans;
import io.berth.unixhttp.UnixHttpProperties;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts the data plane together. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(GatewayProperties.class)
class GatewayConfiguration {
    /** From the first wrong login to when it is forgotten. */
    private static final Duration LOGIN_WINDOW = Duration.ofMinutes(5);

    private final GatewayProperties properties;
    private final Map<Backend, Path> sockets;

    GatewayConfiguration(GatewayProperties properties, UnixHttpProperties http) {
        this.properties = properties;
        this.sockets = properties.backendSockets(http.socket());
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
                properties.limits().waiting(),
                properties.shares().share(),
                properties.timeouts().restart()));
    }

    @Bean
    RateLimits rateLimits() {
        return new RateLimits(properties.rateLimits().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        limit -> new RateLimit(
                                limit.getValue().requests(), limit.getValue().per()))));
    }

    @Bean
    Traffic traffic(MeterRegistry registry, Spans spans) {
        return new Traffic(registry, spans);
    }

    @Bean
    PlatformMetrics platformMetrics(PrometheusMeterRegistry own, PlatformKey key) {
        return new PlatformMetrics(own::scrape, key, sockets);
    }

    @Bean
    Proxy proxy(
            Transport transport,
            BackendGuards guards,
            RateLimits rates,
            Traffic traffic,
            PlatformKey key,
            Gate gate,
            AuditLog audit,
            NodeRouting nodes) {
        GatewayProperties.Timeouts timeouts = properties.timeouts();
        return new Proxy(
                transport,
                new RoutingTable(),
                guards,
                rates,
                traffic,
                new ProxySettings(
                        sockets,
                        timeouts.connect(),
                        timeouts.responseHead(),
                        timeouts.routes(),
                        timeouts.clientIdle(),
                        properties.limits().idleConnections(),
                        new ClientLimits(
                                Math.toIntExact(
                                        properties.limits().requestHead().toBytes()),
                                properties.limits().requestBody().toBytes(),
                                timeouts.requestHead(),
                                timeouts.requestBody(),
                                properties.limits().connections()),
                        new ShareSettings(
                                properties.shares().share(),
                                properties.shares().streams(),
                                properties.shares().uploads(),
                                properties.limits().connections()),
                        properties.allowedHosts().stream()
                                .map(name -> name.toLowerCase(Locale.ROOT))
                                .collect(Collectors.toSet())),
                key,
                gate,
                audit,
                nodes);
    }

    /** Of logins to the dashboard. */
    @Bean
    LoginThrottle loginThrottle() {
        return new LoginThrottle(LOGIN_WINDOW);
    }

    @Bean
    Inquiry inquiry(Transport transport) {
        return new SocketInquiry(transport, properties.clientSocket());
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
                        properties.port(),
                        properties.tls().settings()));
    }

    @Bean
    PlatformHealth platformHealth(Transport transport, PlatformKey key, Nodes nodes) {
        return new PlatformHealth(transport, key, sockets, nodes);
    }

    @Bean
    PlatformViews platformViews(PlatformHealth health, BackendGuards guards, Transport transport) {
        return new PlatformViews(health, guards, transport);
    }
}
