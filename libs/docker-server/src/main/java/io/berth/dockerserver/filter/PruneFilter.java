package io.berth.dockerserver.filter;

import io.berth.docker.error.InvalidParameter;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a prune of containers or networks takes: by the filters {@code until}, {@code label} and {@code label!} (moby: daemon/prune.go). */
public final class PruneFilter {
    private final Filters filters;
    private final Optional<Instant> until;

    private PruneFilter(Filters filters, Optional<Instant> until) {
        this.filters = filters;
        this.until = until;
    }

    /**
     * @throws InvalidParameter for another filter, and for more than one {@code until}
     */
    public static PruneFilter of(Filters filters) {
        filters.acceptOnly(Set.of("until", "label", "label!"));
        if (filters.of("until").size() > 1) {
            throw new InvalidParameter("more than one until filter specified");
        }
        Optional<Instant> until = filters.has("until")
                ? Timestamps.parse(filters.of("until").getFirst(), Instant.now())
                : Optional.empty();
        return new PruneFilter(filters, until);
    }

    public boolean accepts(Instant created, Map<String, String> labels) {
        return until.map(limit -> !created.isAfter(limit)).orElse(true)
                && filters.labels("label", labels)
                && filters.lacksLabels("label!", labels);
    }
}
