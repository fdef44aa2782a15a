package io.berth.engine.health;

import io.berth.docker.error.ApiException;
import io.berth.engine.container.Container;
import io.berth.engine.container.ContainerSnapshot;
import io.berth.engine.container.Health;
import io.berth.engine.container.HealthCheck;
import io.berth.engine.container.RecordHealth;
import io.berth.engine.exec.RunInContainer;
import io.berth.engine.exec.RunInContainer.Running;
import io.berth.linux.process.ProcessIdentity;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalInt;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The watch over one run of one container: a probe, then a pause, then the next probe, until it is cancelled. */
final class HealthWatch {
    private static final Logger LOG = LoggerFactory.getLogger(HealthWatch.class);
    private static final int MAX_OUTPUT_BYTES = 4096;

    /** A killed probe ends at once, unless its container is frozen or wedged. */
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);

    private final Container container;
    private final ProcessIdentity process;
    private final HealthCheck check;
    private final ScheduledExecutorService clock;
    private final Executor executor;
    private final RunInContainer probes;
    private final RecordHealth record;
    private final UnhealthyContainers unhealthy;
    private volatile boolean cancelled;
    private volatile @Nullable Future<?> next;
    private volatile @Nullable Running probing;

    @SuppressWarnings("TooManyParameters") // what the monitor has, and what this watch is about
    HealthWatch(
            Container container,
            ProcessIdentity process,
            HealthCheck check,
            ScheduledExecutorService clock,
            Executor executor,
            RunInContainer probes,
            RecordHealth record,
            UnhealthyContainers unhealthy) {
        this.container = container;
        this.process = process;
        this.check = check;
        this.clock = clock;
        this.executor = executor;
        this.probes = probes;
        this.record = record;
        this.unhealthy = unhealthy;
    }

    /** The container's first process in the run that is watched. */
    ProcessIdentity process() {
        return process;
    }

    /** Arranges for the next probe. */
    void schedule() {
        ContainerSnapshot snapshot = container.snapshot();
        @Nullable Health health = snapshot.health();
        @Nullable Instant startedAt = snapshot.state().startedAt();
        if (cancelled || health == null || startedAt == null) {
            return;
        }
        Duration pause = check.nextAfter(Duration.between(startedAt, Instant.now()), health.status());
        try {
            next = clock.schedule(() -> executor.execute(this::probe), pause.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            LOG.atDebug().setCause(e).log("health is watched no more: the engine stops");
        }
    }

    /** Ends the watch; a probe that runs is killed and its result forgotten. Does not wait. */
    void cancel() {
        cancelled = true;
        @Nullable Future<?> waiting = next;
        if (waiting != null) {
            waiting.cancel(false);
        }
        @Nullable Running running = probing;
        if (running != null) {
            running.kill();
        }
    }

    private void probe() {
        if (cancelled) {
            return;
        }
        try {
            Health.Probe result = run(Instant.now());
            if (record.record(container, check, result, () -> !cancelled)) {
                executor.execute(() -> unhealthy.act(container, this::isCancelled));
            } else if (result.exitCode() == 0) {
                unhealthy.recovered(container);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } catch (RuntimeException e) {
            LOG.atError()
                    .setCause(e)
                    .addKeyValue("containerId", container.id())
                    .log("a container's health could not be recorded");
        }
        schedule();
    }

    private boolean isCancelled() {
        return cancelled;
    }

    private Health.Probe run(Instant start) throws InterruptedException {
        try (Running running = probes.start(container, check.argv(), MAX_OUTPUT_BYTES)) {
            probing = running;
            if (cancelled) {
                running.kill();
            }
            OptionalInt code = running.await(check.timeout());
            if (code.isPresent()) {
                return new Health.Probe(start, Instant.now(), code.getAsInt(), running.output());
            }
            running.kill();
            OptionalInt _ = running.await(KILL_PATIENCE);
            String output = running.output();
            String reason = "Health check exceeded timeout (" + goText(check.timeout()) + ")";
            return new Health.Probe(start, Instant.now(), -1, output.isEmpty() ? reason : reason + ": " + output);
        } catch (ApiException e) {
            return new Health.Probe(start, Instant.now(), -1, e.text());
        } finally {
            probing = null;
        }
    }

    /** A duration as Go prints it, such as {@code 1m30s}, {@code 1.5s} or {@code 20ms}. */
    static String goText(Duration duration) {
        long nanos = duration.toNanos();
        if (nanos < 1_000_000_000L) {
            return decimal(nanos / 1e6) + "ms";
        }
        StringBuilder text = new StringBuilder();
        long hours = duration.toHours();
        long minutes = duration.toMinutesPart();
        if (hours > 0) {
            text.append(hours).append('h');
        }
        if (hours > 0 || minutes > 0) {
            text.append(minutes).append('m');
        }
        return text.append(decimal(duration.toSecondsPart() + duration.toNanosPart() / 1e9))
                .append('s')
                .toString();
    }

    private static String decimal(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
