package io.berth.gateway.metrics;

import io.berth.gateway.route.Backend;
import io.berth.gateway.route.Route;
import io.berth.unixhttp.Spans;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what passes the gateway: {@code berth.gateway.response} (time to the response head, by route and backend, as a
 * histogram), {@code berth.gateway.responses} (by route, backend and status), {@code berth.gateway.bytes} (of bodies and
 * streams, by backend and direction), {@code berth.gateway.exchanges} and {@code berth.gateway.streams} (open now, by
 * backend), {@code berth.gateway.rejected} (answered without a backend, by status). Thread-safe.
 */
public final class Traffic {
    private static final Logger LOG = LoggerFactory.getLogger(Traffic.class);
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofNanos(2_500_000),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2_500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10)
    };

    private final MeterRegistry registry;
    private final Spans spans;
    private final Map<Backend, OfBackend> backends = new EnumMap<>(Backend.class);
    private final Map<String, OfRoute> routes = new ConcurrentHashMap<>();
    private final Map<Integer, Counter> rejected = new ConcurrentHashMap<>();

    /** Registers the meters that every backend has; the others when they first have something to tell. */
    public Traffic(MeterRegistry registry, Spans spans) {
        this.registry = registry;
        this.spans = spans;
        for (Backend backend : Backend.values()) {
            OfBackend traffic = new OfBackend();
            backends.put(backend, traffic);
            bytes(backend, "in", traffic.in);
            bytes(backend, "out", traffic.out);
            Gauge.builder("berth.gateway.exchanges", traffic.exchanges, AtomicInteger::get)
                    .tag("backend", backend.id())
                    .register(registry);
            Gauge.builder("berth.gateway.streams", traffic.streams, AtomicInteger::get)
                    .tag("backend", backend.id())
                    .register(registry);
        }
    }

    private void bytes(Backend backend, String direction, LongAdder counter) {
        FunctionCounter.builder("berth.gateway.bytes", counter, LongAdder::doubleValue)
                .tag("backend", backend.id())
                .tag("direction", direction)
                .register(registry);
    }

    /**
     * A request that a backend is to answer begins.
     *
     * @param ids by which it is followed
     * @param method and path, to be logged
     */
    public Call begin(Route route, CallIds ids, String method, String path) {
        OfRoute traffic = routes.computeIfAbsent(route.name(), _ -> new OfRoute(route));
        traffic.backend.exchanges.incrementAndGet();
        return new Call(traffic, ids, method, path);
    }

    /** Where calls are recorded for traces. */
    public Spans spans() {
        return spans;
    }

    /** A request was answered without asking a backend. */
    public void rejected(int status) {
        rejected.computeIfAbsent(
                        status,
                        code -> Counter.builder("berth.gateway.rejected")
                                .tag("status", Integer.toString(code))
                                .register(registry))
                .increment();
    }

    private static final class OfBackend {
        private final LongAdder in = new LongAdder();
        private final LongAdder out = new LongAdder();
        private final AtomicInteger exchanges = new AtomicInteger();
        private final AtomicInteger streams = new AtomicInteger();
    }

    private final class OfRoute {
        private final Route route;
        private final OfBackend backend;
        private final Timer timer;
        private final Map<Integer, Counter> statuses = new ConcurrentHashMap<>();

        OfRoute(Route route) {
            this.route = route;
            this.backend = Objects.requireNonNull(backends.get(route.backend()));
            this.timer = Timer.builder("berth.gateway.response")
                    .tag("route", route.name())
                    .tag("backend", route.backend().id())
                    .serviceLevelObjectives(BUCKETS)
                    .register(registry);
        }

        private void answered(int status, long nanos) {
            timer.record(nanos, TimeUnit.NANOSECONDS);
            statuses.computeIfAbsent(
                            status,
                            code -> Counter.builder("berth.gateway.responses")
                                    .tag("route", route.name())
                                    .tag("backend", route.backend().id())
                                    .tag("status", Integer.toString(code))
                                    .register(registry))
                    .increment();
        }
    }

    /** One request on its way. Confined to one event loop. */
    public final class Call {
        private final OfRoute route;
        private final CallIds ids;
        private final String method;
        private final String path;
        private final @Nullable Instant began = spans.recording() ? Instant.now() : null;
        private final long startNanos = System.nanoTime();
        private boolean open = true;
        private boolean stream;
        private int status;

        private Call(OfRoute route, CallIds ids, String method, String path) {
            this.route = route;
            this.ids = ids;
            this.method = method;
            this.path = path;
        }

        /** Bytes of the body, or of a stream, went to the backend. */
        public void sent(int bytes) {
            route.backend.in.add(bytes);
        }

        /** Bytes of the body, or of a stream, came from the backend. */
        public void received(int bytes) {
            route.backend.out.add(bytes);
        }

        /** The client is told a status: the backend's, or the gateway's own when the backend has none. */
        public void answered(int status) {
            this.status = status;
            route.answered(status, System.nanoTime() - startNanos);
        }

        /** The connection has become a stream of bytes, which {@link #ended} ends. */
        public void becameStream() {
            stream = true;
            route.backend.streams.incrementAndGet();
        }

        /** Nothing more of it passes; later calls do nothing. */
        public void ended() {
            if (open) {
                open = false;
                route.backend.exchanges.decrementAndGet();
                if (stream) {
                    route.backend.streams.decrementAndGet();
                }
                LOG.atDebug()
                        .addKeyValue("requestId", ids.requestId())
                        .addKeyValue("traceId", ids.place().traceId())
                        .addKeyValue("method", method)
                        .addKeyValue("path", path)
                        .addKeyValue("backend", route.route.backend().id())
                        .addKeyValue("status", status)
                        .addKeyValue("millis", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos))
                        .log("request forwarded");
                if (began != null) {
                    spans.ended(new Spans.Span(
                            ids.place(),
                            ids.parentId(),
                            method + " " + route.route.name(),
                            method,
                            path,
                            ids.requestId(),
                            status,
                            began,
                            System.nanoTime() - startNanos));
                }
            }
        }
    }
}
