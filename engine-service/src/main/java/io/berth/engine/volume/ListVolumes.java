package io.berth.engine.volume;

import io.berth.docker.error.InvalidParameter;
import io.berth.docker.volume.VolumeResponse;
import io.berth.engine.filter.Filters;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.springframework.stereotype.Component;

/** Shows volumes (moby: volume/service/convert.go). Takes no lock while it looks at them. */
@Component
public final class ListVolumes {
    private static final Set<String> FIELDS = Set.of("dangling", "driver", "label", "name");
    private static final Set<String> TRUE = Set.of("1", "true");
    private static final Set<String> FALSE = Set.of("0", "false");

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
        boolean byUse = filters.has("dangling");
        boolean dangling = byUse && dangling(filters.of("dangling"));
        Map<String, Set<String>> using = byUse ? volumes.using() : Map.of();
        Predicate<String> named = filters.matching("name");
        return volumes.all().stream()
                .filter(_ -> filters.any("driver", Volume.DRIVER::equals))
                .filter(volume -> filters.labels("label", volume.labelsOrNone()))
                .filter(volume -> !byUse || using.containsKey(volume.name()) != dangling)
                // Last: what costs most is done for what is left, which is the caller's own.
                .filter(volume -> named.test(volume.name()))
                .map(this::show)
                .toList();
    }

    /** One volume. */
    public VolumeResponse show(Volume volume) {
        return VolumeViews.response(volume, volumes.path(volume), null);
    }

    private static boolean dangling(List<String> values) {
        if (TRUE.containsAll(values)) {
            return true;
        }
        if (FALSE.containsAll(values)) {
            return false;
        }
        throw new InvalidParameter("invalid filter 'dangling=[" + String.join(" ", values) + "]'");
    }
}
