package io.berth.engine.container;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.InvalidParameter;
import io.berth.dockerserver.filter.Filters;
import io.berth.dockerserver.filter.PruneFilter;
import io.berth.engine.caller.Callers;
import io.berth.engine.event.EngineEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Removes all containers that do not run. */
@Component
public final class PruneContainers {
    private static final Logger LOG = LoggerFactory.getLogger(PruneContainers.class);

    private final Containers containers;
    private final ContainerSizes sizes;
    private final RemoveContainer remove;
    private final EngineEvents events;

    PruneContainers(Containers containers, ContainerSizes sizes, RemoveContainer remove, EngineEvents events) {
        this.containers = containers;
        this.sizes = sizes;
        this.remove = remove;
        this.events = events;
    }

    /**
     * What was removed.
     *
     * @param bytes of their writable layers
     */
    public record Pruned(List<String> ids, long bytes) {}

    /**
     * @throws InvalidParameter for a filter other than until, label and label!
     */
    public Pruned prune(Filters filters) {
        PruneFilter filter = PruneFilter.of(filters);
        List<String> removed = new ArrayList<>();
        long bytes = 0;
        for (Container container : containers.all()) {
            ContainerSnapshot snapshot = container.snapshot();
            boolean wanted = Callers.current().sees(snapshot.spec().labels())
                    && !snapshot.state().running()
                    && filter.accepts(snapshot.spec().created(), snapshot.spec().labels());
            if (!wanted) {
                continue;
            }
            long size = sizes.writable(container.directory());
            try {
                if (remove.removeIdle(container)) {
                    removed.add(container.id().value());
                    bytes += size;
                }
            } catch (ApiException e) {
                // The others are pruned all the same.
                LOG.atWarn()
                        .setCause(e)
                        .addKeyValue("containerId", container.id())
                        .log("container not pruned");
            }
        }
        events.publish("container", "prune", "", Map.of("reclaimed", Long.toString(bytes)));
        return new Pruned(removed, bytes);
    }
}
