package io.berth.engine.volume;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.Conflict;
import io.berth.docker.error.InvalidParameter;
import io.berth.dockerserver.filter.Filters;
import io.berth.engine.caller.Callers;
import io.berth.engine.event.EngineEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Removes volumes that no container uses (moby: volume/service/service.go). */
@Component
public final class PruneVolumes {
    private static final Logger LOG = LoggerFactory.getLogger(PruneVolumes.class);
    private static final Set<String> FIELDS = Set.of("label", "label!", "all");
    private static final Set<String> TRUE = Set.of("1", "t", "T", "true", "TRUE", "True");
    private static final Set<String> FALSE = Set.of("0", "f", "F", "false", "FALSE", "False");

    private final Volumes volumes;
    private final EngineEvents events;
    private final AtomicBoolean running = new AtomicBoolean();

    PruneVolumes(Volumes volumes, EngineEvents events) {
        this.volumes = volumes;
        this.events = events;
    }

    /**
     * What was removed.
     *
     * @param bytes of their files
     */
    public record Pruned(List<String> names, long bytes) {}

    /**
     * Prunes. Volumes with options are left alone: their files may be elsewhere.
     *
     * @param named also those that were given a name, whatever the filter {@code all} says: clients before 1.42 mean that
     * @throws InvalidParameter for a filter that does not exist or a wrong value
     * @throws Conflict when a prune is running
     */
    public Pruned prune(Filters filters, boolean named) {
        filters.acceptOnly(FIELDS);
        boolean all = named || isTrue(filters.of("all"));
        if (!running.compareAndSet(false, true)) {
            throw new Conflict("a prune operation is already running");
        }
        try {
            return prune(filters, all, volumes.using());
        } finally {
            running.set(false);
        }
    }

    private Pruned prune(Filters filters, boolean all, Map<String, Set<String>> using) {
        List<String> removed = new ArrayList<>();
        long bytes = 0;
        for (Volume volume : volumes.all()) {
            Map<String, String> labels = volume.labelsOrNone();
            boolean wanted = Callers.current().sees(labels)
                    && !volume.hasOptions()
                    && !using.containsKey(volume.name())
                    && (all || labels.containsKey(Volume.ANONYMOUS_LABEL))
                    && filters.labels("label", labels)
                    && filters.lacksLabels("label!", labels);
            if (!wanted) {
                continue;
            }
            long size = volumes.size(volume);
            try {
                volumes.remove(volume.name(), true);
                removed.add(volume.name());
                bytes += size;
            } catch (ApiException e) {
                // A container began to use it meanwhile; the others are pruned all the same.
                LOG.atInfo().setCause(e).addKeyValue("volume", volume.name()).log("volume not pruned");
            }
        }
        events.publish("volume", "prune", "", Map.of("reclaimed", Long.toString(bytes)));
        return new Pruned(removed, bytes);
    }

    private static boolean isTrue(List<String> values) {
        if (values.size() > 1) {
            throw new InvalidParameter(
                    "invalid filter 'all=[" + String.join(" ", values) + "]': only one value is expected");
        }
        if (values.isEmpty() || FALSE.contains(values.getFirst())) {
            return false;
        }
        if (!TRUE.contains(values.getFirst())) {
            throw new InvalidParameter(
                    "invalid filter 'all': strconv.ParseBool: parsing \"" + values.getFirst() + "\": invalid syntax");
        }
        return true;
    }
}
