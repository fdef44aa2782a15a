package io.berth.engine.network;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.Conflict;
import io.berth.docker.error.InvalidParameter;
import io.berth.dockerserver.filter.Filters;
import io.berth.dockerserver.filter.PruneFilter;
import io.berth.engine.caller.Callers;
import io.berth.engine.event.EngineEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Removes all networks that no container runs in. */
@Component
public final class PruneNetworks {
    private static final Logger LOG = LoggerFactory.getLogger(PruneNetworks.class);

    private final Networks networks;
    private final EngineEvents events;
    private final AtomicBoolean running = new AtomicBoolean();

    PruneNetworks(Networks networks, EngineEvents events) {
        this.networks = networks;
        this.events = events;
    }

    /**
     * @return names of those removed
     * @throws InvalidParameter for a filter other than until, label and label!
     * @throws Conflict when a prune is running
     */
    public List<String> prune(Filters filters) {
        PruneFilter filter = PruneFilter.of(filters);
        if (!running.compareAndSet(false, true)) {
            throw new Conflict("a prune operation is already running");
        }
        try {
            return prune(filter);
        } finally {
            running.set(false);
        }
    }

    private List<String> prune(PruneFilter filter) {
        List<String> removed = new ArrayList<>();
        for (Network network : networks.all()) {
            NetworkSpec spec = network.spec();
            boolean wanted = Callers.current().sees(spec.labels())
                    && !spec.predefined()
                    && !spec.configOnly()
                    && network.members().isEmpty()
                    && filter.accepts(spec.created(), spec.labels());
            if (!wanted) {
                continue;
            }
            try {
                networks.remove(network);
                removed.add(spec.name());
            } catch (ApiException e) {
                // A container was connected meanwhile; the others are pruned all the same.
                LOG.atInfo().setCause(e).addKeyValue("network", spec.name()).log("network not pruned");
            }
        }
        events.publish("network", "prune", "", Map.of("reclaimed", "0"));
        return removed;
    }
}
