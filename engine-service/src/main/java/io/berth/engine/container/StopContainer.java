package io.berth.engine.container;

import io.berth.docker.container.ContainerConfig;
import io.berth.docker.error.NotModified;
import io.berth.docker.error.SystemFailure;
import io.berth.engine.runtime.ContainerRuntime;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Stops containers: asks first, then kills. */
@Component
public final class StopContainer {
    private static final int DEFAULT_SECONDS = 10;
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);

    private final ContainerRuntime runtime;
    private final ContainerStore store;
    private final PauseContainer pause;
    private final ContainerEvents events;

    StopContainer(ContainerRuntime runtime, ContainerStore store, PauseContainer pause, ContainerEvents events) {
        this.runtime = runtime;
        this.store = store;
        this.pause = pause;
        this.events = events;
    }

    /**
     * Stops a container and returns when it has ended, also on disk.
     *
     * @param signal to ask with; null is the container's own, or SIGTERM
     * @param seconds to wait before it is killed; null is the container's own, or 10; negative is for ever
     * @throws NotModified when it does not run
     * @throws io.berth.docker.error.InvalidParameter for a signal that does not exist
     * @throws SystemFailure when it does not even end when killed
     */
    public void stop(Container container, @Nullable String signal, @Nullable Integer seconds)
            throws InterruptedException {
        if (container.run().isPresent()) {
            int _ = stopSignal(container.snapshot().spec().config(), signal); // nothing is asked for when it is none
        }
        Optional<Run> run = container.askRun(present -> {
            present.requestStop();
            present.announceStop();
        });
        if (run.isPresent()) {
            end(container, run.get(), signal, seconds);
        } else if (cancelRestart(container)) {
            events.publish(container, "stop");
        } else {
            throw new NotModified("container already stopped");
        }
    }

    /** It waits for its restart policy to start it: then it is stopped by not doing so. */
    boolean cancelRestart(Container container) {
        return container.exclusively(() -> {
            ContainerSnapshot snapshot = container.snapshot();
            if (snapshot.state().status() != ContainerStatus.RESTARTING) {
                return false;
            }
            ContainerSnapshot stopped = snapshot.with(snapshot.state().restartCancelled());
            store.updateState(stopped);
            container.settle(stopped);
            return true;
        });
    }

    /** Ends a run: signal, patience, SIGKILL. */
    void end(Container container, Run run, @Nullable String signal, @Nullable Integer seconds)
            throws InterruptedException {
        ContainerConfig config = container.snapshot().spec().config();
        int number = stopSignal(config, signal);
        int patience = DEFAULT_SECONDS;
        if (seconds != null) {
            patience = seconds;
        } else if (config.stopTimeout() != null) {
            patience = config.stopTimeout();
        }
        send(container, run, number);
        if (patience < 0) {
            await(run, Duration.ofDays(36_500));
            return;
        }
        if (!await(run, Duration.ofSeconds(patience))) {
            kill(container, run);
        }
    }

    /**
     * Kills a run and waits for its end.
     *
     * @throws SystemFailure when it does not end
     */
    void kill(Container container, Run run) throws InterruptedException {
        send(container, run, Signals.SIGKILL);
        if (await(run, KILL_PATIENCE)) {
            return;
        }
        runtime.killAll(container.id());
        if (!await(run, KILL_PATIENCE)) {
            throw new SystemFailure("tried to kill container, but did not receive an exit event");
        }
    }

    /** Sends a signal that is to end it, and lets it go on when it is paused. */
    void send(Container container, Run run, int signal) {
        // Before the signal, since its effect is published by whoever notices the end.
        events.publish(container, "kill", Map.of("signal", Integer.toString(signal)));
        run.process().signal(signal);
        // A frozen process takes no signal, not even the last one under version 1 of the cgroups.
        pause.resumeIfPaused(container, signal != Signals.SIGKILL);
    }

    /** The signal that stops a container. */
    static int stopSignal(ContainerConfig config, @Nullable String asked) {
        if (asked != null && !asked.isEmpty()) {
            return Signals.parse(asked);
        }
        return config.stopSignal() == null || config.stopSignal().isEmpty()
                ? Signals.SIGTERM
                : Signals.parse(config.stopSignal());
    }

    /** Whether the run ended within that time. */
    static boolean await(Run run, Duration patience) throws InterruptedException {
        try {
            Object _ = run.ended().get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a run's end never fails", e);
        }
    }
}
