package io.berth.engine.volume;

import io.berth.docker.error.InvalidParameter;
import io.berth.docker.volume.VolumeResponse;
import io.berth.dockerserver.filter.Filters;
import io.berth.engine.caller.Callers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.springframework.stereotype.Component;

/** Shows volumes (moby: volume/service/convert.go). Takes no lock while it looks at them. */
@Component
public final class ListVolumes {
    private static final Set<String> FIELDS = Set.of("dangling", "driver", "label", "name");

    private final Volumes volumes;

    ListVolumes(Volumes volumes) {
        this.volumes = volumes;
    }

    /**
     * Those that the filters let through, by name.
     *
     * @throws InvalidParameter for a filter that does not exist or a wrong value
     */
    public List<VolumeResponse> list(Filters filters) {
        filters.acceptOnly(FIELDS);
        Optional<Boolean> dangling = filters.flag("dangling");
        Map<String, Set<String>> using = dangling.isPresent() ? volumes.using() : Map.of();
        Predicate<String> named = filters.matching("name");
        return volumes.all().stream()
                .filter(volume -> Callers.current().sees(volume.labelsOrNone()))
                .filter(_ -> filters.any("driver", Volume.DRIVER::equals))
                .filter(volume -> filters.labels("label", volume.labelsOrNone()))
                .filter(volume -> dangling.isEmpty() || using.containsKey(volume.name()) != dangling.get())
                // Last: what costs most is done for what is left, which is the caller's own.
                .filter(volume -> named.test(volume.name()))
                .map(this::show)
                .toList();
    }

    /** One volume. */
    public VolumeResponse show(Volume volume) {
        return VolumeViews.response(volume, volumes.path(volume), null);
    }
}
