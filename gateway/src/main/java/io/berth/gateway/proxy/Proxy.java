package io.berth.gateway.proxy;

import io.berth.gateway.resilience.BackendGuards;
import io.berth.gateway.route.Backend;
import io.berth.gateway.route.RequestTarget;
import io.berth.gateway.route.RoutingTable;
import io.berth.gateway.transport.Transport;
import io.berth.unixhttp.PlatformKey;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** The data plane: makes the handlers of client connections. Thread-safe. */
public final class Proxy {
    private final Transport transport;
    private final RoutingTable routes;
    private final BackendGuards guards;
    private final ProxySettings settings;
    private final HeaderRules headers;
    private final BrowserGuard browserGuard;
    private final Map<EventLoop, Map<Backend, BackendPool>> pools = new ConcurrentHashMap<>();

    public Proxy(
            Transport transport, RoutingTable routes, BackendGuards guards, ProxySettings settings, PlatformKey key) {
        this.transport = transport;
        this.routes = routes;
        this.guards = guards;
        this.settings = settings;
        this.headers = new HeaderRules(key);
        this.browserGuard = new BrowserGuard(settings.allowedHosts());
    }

    /**
     * Prepares accepted connections.
     *
     * @param tcp whether they come over the network, so that browsers' requests must be told apart
     */
    public ChannelHandler clientInitializer(boolean tcp) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                RequestDecoder decoder = new RequestDecoder();
                ClientResponseEncoder encoder = new ClientResponseEncoder();
                channel.pipeline()
                        .addLast(
                                decoder,
                                encoder,
                                new ClientConnection(Proxy.this, channel, decoder, encoder, address(channel), tcp));
            }
        };
    }

    /** Clients of the Unix socket have no address; they are on this machine. */
    private static String address(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress remote && remote.getAddress() != null
                ? remote.getAddress().getHostAddress()
                : "127.0.0.1";
    }

    BackendPool pool(EventLoop loop, Backend backend) {
        return Objects.requireNonNull(pools.computeIfAbsent(loop, this::poolsOf).get(backend));
    }

    private Map<Backend, BackendPool> poolsOf(EventLoop loop) {
        Map<Backend, BackendPool> all = new EnumMap<>(Backend.class);
        settings.sockets()
                .forEach((backend, socket) -> all.put(
                        backend,
                        new BackendPool(
                                transport.unixClient(loop, settings.connectTimeout()),
                                transport.unixAddress(socket),
                                loop,
                                settings.maxIdle())));
        return all;
    }

    /** Whether the gateway's own pages are asked for, which other sites may link to. */
    boolean isOwnPage(RequestTarget target) {
        return target.first().isEmpty() || target.first().equals("dashboard");
    }

    RoutingTable routes() {
        return routes;
    }

    BackendGuards guards() {
        return guards;
    }

    HeaderRules headers() {
        return headers;
    }

    BrowserGuard browserGuard() {
        return browserGuard;
    }

    long responseTimeoutNanos() {
        return settings.responseTimeout().toNanos();
    }

    long clientIdleNanos() {
        return settings.clientIdle().toNanos();
    }
}
