package io.berth.gateway.proxy;

import io.berth.gateway.access.Arrival;
import io.berth.gateway.access.Gate;
import io.berth.gateway.access.Identity;
import io.berth.gateway.audit.Audit;
import io.berth.gateway.metrics.Traffic;
import io.berth.gateway.node.NodeRouting;
import io.berth.gateway.resilience.BackendGuards;
import io.berth.gateway.resilience.Caller;
import io.berth.gateway.resilience.RateLimits;
import io.berth.gateway.resilience.Shares;
import io.berth.gateway.route.Backend;
import io.berth.gateway.route.RequestTarget;
import io.berth.gateway.route.Route;
import io.berth.gateway.route.RoutingTable;
import io.berth.gateway.transport.Transport;
import io.berth.unixhttp.PlatformKey;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The data plane: makes the handlers of client connections. Thread-safe. */
public final class Proxy implements MeterBinder {
    private final Transport transport;
    private final RoutingTable routes;
    private final BackendGuards guards;
    private final RateLimits rates;
    private final Traffic traffic;
    private final ProxySettings settings;
    private final HeaderRules headers;
    private final Gate gate;
    private final Audit audit;
    private final BrowserGuard browserGuard;
    private final ConnectionLimit connections;
    private final Shares shares;
    private final NodeRouting nodes;
    private final NodeBackends nodeBackends;
    private final Map<EventLoop, Map<Backend, BackendPool>> pools = new ConcurrentHashMap<>();

    /**
     * @param rates how many requests each caller may make
     */
    public Proxy(
            Transport transport,
            RoutingTable routes,
            BackendGuards guards,
            RateLimits rates,
            Traffic traffic,
            ProxySettings settings,
            PlatformKey key,
            Gate gate,
            Audit audit,
            NodeRouting nodes) {
        this.transport = transport;
        this.routes = routes;
        this.guards = guards;
        this.rates = rates;
        this.traffic = traffic;
        this.settings = settings;
        this.nodes = nodes;
        this.nodeBackends = new NodeBackends(this);
        this.headers = new HeaderRules(key);
        this.gate = gate;
        this.audit = audit;
        this.shares = new Shares(settings.shares());
        this.connections = new ConnectionLimit(settings.limits().connections());
        this.browserGuard = new BrowserGuard(settings.allowedHosts());
    }

    /**
     * Prepares accepted connections.
     *
     * @param tcp whether they come over the network, so that browsers' requests must be told apart
     * @param tls makes what encrypts a connection, or null when it is plain
     */
    public ChannelHandler clientInitializer(boolean tcp, @Nullable Function<ByteBufAllocator, SslHandler> tls) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                if (tcp && !connections.admit(channel)) {
                    return;
                }
                if (tls != null) {
                    channel.pipeline().addLast(tls.apply(channel.alloc()), new TlsEnds());
                }
                RequestDecoder decoder = new RequestDecoder(settings.limits().headBytes());
                ClientResponseEncoder encoder = new ClientResponseEncoder();
                channel.pipeline()
                        .addLast(decoder, encoder, new ClientConnection(Proxy.this, channel, decoder, encoder, tcp));
            }
        };
    }

    /** Counts a request of a client; what comes back, if anything, says that it must not go and when another may. */
    Optional<Duration> rateExceeded(@Nullable Identity caller, String address) {
        return rates.exceeded(caller(caller, address));
    }

    BackendPool pool(EventLoop loop, Backend backend) {
        return Objects.requireNonNull(pools.computeIfAbsent(loop, this::poolsOf).get(backend));
    }

    private Map<Backend, BackendPool> poolsOf(EventLoop loop) {
        Map<Backend, BackendPool> all = new EnumMap<>(Backend.class);
        settings.sockets().forEach((backend, socket) -> all.put(backend, newPool(loop, socket)));
        return all;
    }

    BackendPool newPool(EventLoop loop, Path socket) {
        return new BackendPool(
                transport.unixClient(loop, settings.connectTimeout()),
                transport.unixAddress(socket),
                loop,
                transport::pageReads,
                settings.maxIdle());
    }

    /** Whether the gateway's own pages are asked for, which other sites may link to. */
    boolean isOwnPage(RequestTarget target) {
        return target.first().isEmpty()
                || target.first().equals("dashboard")
                || target.first().equals("ui");
    }

    RoutingTable routes() {
        return routes;
    }

    BackendGuards guards() {
        return guards;
    }

    NodeRouting nodes() {
        return nodes;
    }

    NodeBackends nodeBackends() {
        return nodeBackends;
    }

    HeaderRules headers() {
        return headers;
    }

    Audit audit() {
        return audit;
    }

    Gate gate() {
        return gate;
    }

    BrowserGuard browserGuard() {
        return browserGuard;
    }

    /** Who a request counts for where all want a place. Whoever may do everything is an operator here, too. */
    static Caller holder(@Nullable Identity identity, Arrival arrival) {
        if (!arrival.tcp()) {
            return Caller.OPERATOR;
        }
        return identity == null
                ? new Caller(arrival.address(), "anonymous")
                : new Caller(identity.name(), identity.role().id());
    }

    Shares shares() {
        return shares;
    }

    /** Who has shown no credential is told apart by the address. */
    private static Caller caller(@Nullable Identity identity, String address) {
        if (identity == null || identity.source() == Identity.Source.OPEN) {
            return new Caller(address, "anonymous");
        }
        return new Caller(identity.name(), identity.role().id());
    }

    long responseTimeoutNanos(Route route) {
        return settings.routeTimeouts()
                .getOrDefault(route.name(), settings.responseTimeout())
                .toNanos();
    }

    /** Publishes {@code berth.gateway.connections}, {@code .pool.idle} by backend and {@code .direct.memory}. */
    @Override
    public void bindTo(MeterRegistry registry) {
        shares.bindTo(registry);
        Gauge.builder("berth.gateway.connections", connections, ConnectionLimit::open)
                .register(registry);
        Gauge.builder("berth.gateway.direct.memory", transport, Transport::directMemory)
                .baseUnit("bytes")
                .register(registry);
        for (Backend backend : Backend.values()) {
            Gauge.builder("berth.gateway.pool.idle", pools, all -> idle(all, backend))
                    .tag("backend", backend.id())
                    .register(registry);
        }
    }

    private static double idle(Map<EventLoop, Map<Backend, BackendPool>> all, Backend backend) {
        return all.values().stream()
                .map(pools -> pools.get(backend))
                .filter(Objects::nonNull)
                .mapToInt(BackendPool::idleCount)
                .sum();
    }

    Traffic traffic() {
        return traffic;
    }

    ClientLimits limits() {
        return settings.limits();
    }

    long clientIdleNanos() {
        return settings.clientIdle().toNanos();
    }
}
