package io.berth.engine.container;

import io.berth.docker.error.NotModified;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Stops a container when it runs, and starts it. */
@Component
public final class RestartContainer {
    private final StopContainer stop;
    private final StartContainer start;
    private final ContainerEvents events;

    RestartContainer(StopContainer stop, StartContainer start, ContainerEvents events) {
        this.stop = stop;
        this.start = start;
        this.events = events;
    }

    /**
     * Restarts; a container that is removed after its end is not removed in between.
     *
     * @param signal as in {@link StopContainer#stop}
     * @param seconds as in {@link StopContainer#stop}
     * @throws io.berth.docker.error.InvalidParameter for a signal that does not exist
     */
    public void restart(Container container, @Nullable String signal, @Nullable Integer seconds)
            throws InterruptedException {
        if (container.run().isPresent()) {
            int _ = StopContainer.stopSignal(container.snapshot().spec().config(), signal);
        }
        Optional<Run> run = container.askRun(present -> {
            present.requestRestart();
            present.announceStop();
        });
        if (run.isPresent()) {
            stop.end(container, run.get(), signal, seconds);
        } else {
            boolean _ = stop.cancelRestart(container);
        }
        try {
            start.start(container);
        } catch (NotModified e) {
            // Somebody else started it in between: it runs, which is what was asked for.
            return;
        } finally {
            events.publish(container, "restart");
        }
    }
}
