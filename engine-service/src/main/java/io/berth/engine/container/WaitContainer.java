package io.berth.engine.container;

import java.util.concurrent.CompletableFuture;
import org.springframework.stereotype.Component;

/** Waits for containers. */
@Component
public final class WaitContainer {
    /** Begins to wait now, so that nothing that happens from here on is missed; completes with the state that was waited for. */
    public CompletableFuture<ContainerState> begin(Container container, WaitCondition condition) {
        return switch (condition) {
            case NOT_RUNNING -> container.stopped();
            case NEXT_EXIT -> container.nextExit();
            case REMOVED -> container.removed();
        };
    }
}
