package io.berth.gateway.metrics;

import io.berth.docker.DockerJson;
import io.berth.docker.system.UsageResponse;
import io.berth.gateway.route.Backend;
import io.berth.unixhttp.PlatformKey;
import io.berth.unixhttp.UnixHttpClients;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.client.RestClient;

/**
 * One page with the metrics of the gateway, of every service and of every running container. A service that does not answer
 * in time is missing from it, and {@code berth_service_up} says so. Thread-safe.
 */
public final class PlatformMetrics implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PlatformMetrics.class);
    private static final Duration LIMIT = Duration.ofSeconds(2);
    private static final double NANOS = 1e9;

    private final Supplier<String> own;
    private final Map<Backend, RestClient> services = new EnumMap<>(Backend.class);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * @param own the gateway's own page
     * @param sockets of the services; the gateway itself is not asked
     */
    public PlatformMetrics(Supplier<String> own, PlatformKey key, Map<Backend, Path> sockets) {
        this.own = own;
        sockets.forEach((backend, socket) -> {
            if (backend != Backend.PLATFORM) {
                services.put(
                        backend, UnixHttpClients.builder(socket, key, LIMIT).build());
            }
        });
    }

    /** The page now, in Prometheus' text format, version 0.0.4. Blocks for two seconds at most, so not for an event loop. */
    public String page() {
        Map<Backend, CompletableFuture<@Nullable String>> pages = new EnumMap<>(Backend.class);
        services.forEach((backend, _) -> pages.put(backend, ask(backend, "/actuator/prometheus")));
        CompletableFuture<@Nullable String> usage = ask(Backend.ENGINE, "/berth/usage");
        MetricsText text = new MetricsText();
        text.add("gateway", own.get());
        text.declare("berth_service_up", "gauge", "Whether a service has told its metrics.");
        text.sample("berth_service_up", 1, "service", "gateway");
        pages.forEach((backend, asked) -> {
            String page = asked.join();
            text.sample("berth_service_up", page == null ? 0 : 1, "service", backend.id());
            if (page != null) {
                text.add(backend.id(), page);
            }
        });
        String containers = usage.join();
        if (containers != null) {
            addContainers(text, DockerJson.MAPPER.readValue(containers, UsageResponse.class));
        }
        return text.toString();
    }

    private CompletableFuture<@Nullable String> ask(Backend backend, String path) {
        RestClient client = services.get(backend);
        if (client == null) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<@Nullable String> asked = CompletableFuture.supplyAsync(
                () -> client.get().uri(path).retrieve().body(String.class), threads);
        return asked.orTimeout(LIMIT.toMillis(), TimeUnit.MILLISECONDS).exceptionally(cause -> {
            LOG.atDebug().setCause(cause).addKeyValue("backend", backend.id()).log("no metrics");
            return null;
        });
    }

    private static void addContainers(MetricsText text, UsageResponse usage) {
        for (Measure measure : Measure.values()) {
            text.declare(measure.metric, measure.type, measure.help);
            for (UsageResponse.OfContainer container : usage.containers()) {
                text.sample(
                        measure.metric,
                        measure.value.applyAsDouble(container),
                        "id",
                        container.id(),
                        "name",
                        container.name(),
                        "image",
                        container.image());
            }
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    /** What is told of each container. */
    private enum Measure {
        CPU("cpu_seconds_total", "counter", "Processor time used.", use -> use.cpuNanos() / NANOS),
        THROTTLED(
                "cpu_throttled_seconds_total",
                "counter",
                "Time spent waiting because the CPU limit was used up.",
                use -> use.throttledNanos() / NANOS),
        MEMORY(
                "memory_bytes",
                "gauge",
                "Memory without the file cache that the kernel would give up first.",
                UsageResponse.OfContainer::memoryBytes),
        MEMORY_LIMIT(
                "memory_limit_bytes",
                "gauge",
                "Limit of memory, 0 for none.",
                UsageResponse.OfContainer::memoryLimitBytes),
        PIDS("pids", "gauge", "Processes and threads.", UsageResponse.OfContainer::pids),
        RECEIVED(
                "network_received_bytes_total", "counter", "Bytes received.", UsageResponse.OfContainer::receivedBytes),
        SENT("network_sent_bytes_total", "counter", "Bytes sent.", UsageResponse.OfContainer::sentBytes),
        READ("block_read_bytes_total", "counter", "Bytes read from disks.", UsageResponse.OfContainer::readBytes),
        WRITTEN(
                "block_written_bytes_total",
                "counter",
                "Bytes written to disks.",
                UsageResponse.OfContainer::writtenBytes);

        private final String metric;
        private final String type;
        private final String help;

        @SuppressWarnings("ImmutableEnumChecker") // method references, which hold nothing
        private final ToDoubleFunction<UsageResponse.OfContainer> value;

        Measure(String name, String type, String help, ToDoubleFunction<UsageResponse.OfContainer> value) {
            this.metric = "berth_container_" + name;
            this.type = type;
            this.help = help;
            this.value = value;
        }
    }
}
