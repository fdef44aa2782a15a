package io.berth.engine.held;

import io.berth.docker.system.HeldResponse;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What the engine holds, as gauges {@code berth.held.*}. One look serves all that are read within some seconds. */
@Component
final class HeldMeters implements MeterBinder {
    private static final long FRESH_NANOS = Duration.ofSeconds(5).toNanos();

    private final Held held;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable HeldResponse last;
    private long lookedAt;

    HeldMeters(Held held) {
        this.held = held;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauge(registry, "containers", "containers", now -> now.total().containers());
        gauge(
                registry,
                "containers.running",
                "containers with processes",
                now -> now.total().running());
        gauge(
                registry,
                "processes",
                "processes of containers",
                now -> now.total().processes());
        gauge(registry, "cgroups", "cgroups of containers", now -> now.total().cgroups());
        gauge(
                registry,
                "namespaces",
                "namespaces of containers",
                now -> now.total().namespaces().values().stream()
                        .mapToInt(Integer::intValue)
                        .sum());
        gauge(registry, "mounts", "mounts in containers", now -> now.total().mounts());
        gauge(
                registry,
                "mounts.host",
                "mounts in the host's table",
                now -> now.engine().hostMounts().size());
        gauge(
                registry,
                "files.kept",
                "open files that outlive the engine",
                now -> now.total().keptFiles());
        gauge(
                registry,
                "directories",
                "directories of containers",
                now -> now.total().directories());
        gauge(registry, "volumes", "volumes", now -> now.total().volumes());
        gauge(registry, "user.ranges", "ranges of user ids", now -> now.total().userRanges());
        gauge(
                registry,
                "descriptors",
                "open files of the engine",
                now -> now.engine().descriptors().values().stream()
                        .mapToInt(Integer::intValue)
                        .sum());
        gauge(registry, "threads", "threads of the engine", now -> now.engine().threads());
        gauge(
                registry,
                "orphans",
                "what belongs to no container and no volume",
                now -> now.orphans().size());
    }

    private void gauge(MeterRegistry registry, String name, String what, ToDoubleFunction<HeldResponse> value) {
        Gauge.builder("berth.held." + name, () -> value.applyAsDouble(recent()))
                .description(what)
                .strongReference(true)
                .register(registry);
    }

    private HeldResponse recent() {
        lock.lock();
        try {
            HeldResponse known = last;
            if (known == null || System.nanoTime() - lookedAt > FRESH_NANOS) {
                known = held.now();
                last = known;
                lookedAt = System.nanoTime();
            }
            return known;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while looking at what is held", e);
        } finally {
            lock.unlock();
        }
    }
}
