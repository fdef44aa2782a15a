package io.berth.engine.container;

import io.berth.docker.error.Conflict;
import io.berth.engine.runtime.ContainerLaunch.WindowSize;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Sets the size of containers' terminals. */
@Component
public final class ResizeContainer {
    private final ContainerEvents events;

    ResizeContainer(ContainerEvents events) {
        this.events = events;
    }

    /**
     * @throws Conflict when it does not run
     */
    public void resize(Container container, WindowSize size) {
        Run run = container.run().orElseThrow(() -> new Conflict("container " + container.id() + " is not running"));
        run.process().resize(size);
        events.publish(
                container,
                "resize",
                Map.of("height", Integer.toString(size.rows()), "width", Integer.toString(size.columns())));
    }
}
