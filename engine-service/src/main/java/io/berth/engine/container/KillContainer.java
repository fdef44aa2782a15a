package io.berth.engine.container;

import io.berth.docker.container.ContainerConfig;
import io.berth.docker.error.Conflict;
import io.berth.docker.error.InvalidParameter;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Sends signals to containers. */
@Component
public final class KillContainer {
    private final StopContainer stop;
    private final ContainerEvents events;

    KillContainer(StopContainer stop, ContainerEvents events) {
        this.stop = stop;
        this.events = events;
    }

    /** Kills a container for the engine's own reasons: its restart policy applies. Does nothing when it does not run. */
    public void killForRestartPolicy(Container container) throws InterruptedException {
        Optional<Run> run = container.run();
        if (run.isPresent()) {
            stop.kill(container, run.get());
        }
    }

    /** Whether a user who sends this signal wants the container to end: no restart policy applies then. */
    private static boolean ends(ContainerConfig config, int signal) {
        @Nullable String own = config.stopSignal();
        if (signal == Signals.SIGKILL) {
            return true;
        }
        if (own == null || own.isEmpty()) {
            return Signals.TERMINATING.contains(signal);
        }
        return signal == Signals.parse(own);
    }

    private static int number(String signal, String reference) {
        try {
            return Signals.parse(signal);
        } catch (InvalidParameter e) {
            throw new InvalidParameter("cannot kill container: " + reference + ": " + e.text(), e);
        }
    }

    /**
     * Sends a signal to a container's first process; after SIGKILL it returns when the container has ended.
     *
     * @param reference the container as the user named it, for the error message
     * @param signal name or number; empty is SIGKILL
     * @throws Conflict when it does not run
     */
    public void kill(Container container, String reference, String signal) throws InterruptedException {
        int number = signal.isEmpty() ? Signals.SIGKILL : number(signal, reference);
        boolean ends = ends(container.snapshot().spec().config(), number);
        Optional<Run> run = container.askRun(present -> {
            if (ends) {
                present.requestStop();
            }
        });
        if (run.isEmpty()) {
            if (container.snapshot().state().status() == ContainerStatus.RESTARTING && stop.cancelRestart(container)) {
                return;
            }
            throw new Conflict(
                    "cannot kill container: " + reference + ": container " + container.id() + " is not running");
        }
        if (number == Signals.SIGKILL) {
            stop.kill(container, run.get());
        } else if (ends) {
            stop.send(container, run.get(), number);
        } else {
            run.get().process().signal(number);
            events.publish(container, "kill", Map.of("signal", Integer.toString(number)));
        }
    }
}
