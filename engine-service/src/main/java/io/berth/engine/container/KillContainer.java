package io.berth.engine.container;

import io.berth.docker.error.Conflict;
import java.util.Map;
import java.util.Optional;
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

    /**
     * Sends a signal to a container's first process; after SIGKILL it returns when the container has ended.
     *
     * @param reference the container as the user named it, for the error message
     * @param signal name or number; empty is SIGKILL
     * @throws Conflict when it does not run
     */
    public void kill(Container container, String reference, String signal) throws InterruptedException {
        int number = signal.isEmpty() ? Signals.SIGKILL : Signals.parse(signal);
        Optional<Run> run = container.run();
        if (run.isEmpty()) {
            if (container.snapshot().state().status() == ContainerStatus.RESTARTING && stop.cancelRestart(container)) {
                return;
            }
            throw new Conflict(
                    "cannot kill container: " + reference + ": container " + container.id() + " is not running");
        }
        int stopSignal = StopContainer.stopSignal(container.snapshot().spec().config(), null);
        if (number == Signals.SIGKILL || number == stopSignal) {
            run.get().requestStop();
        }
        if (number == Signals.SIGKILL) {
            stop.kill(container, run.get());
        } else {
            run.get().process().signal(number);
            events.publish(container, "kill", Map.of("signal", Integer.toString(number)));
        }
    }
}
