package io.berth.engine.network;

import io.berth.docker.error.InvalidParameter;
import io.berth.dockerserver.filter.Filters;
import io.berth.engine.caller.Callers;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.springframework.stereotype.Component;

/** Lists networks as {@code docker network ls} wants them (moby: daemon/network/filter.go). Takes no lock. */
@Component
public final class ListNetworks {
    private static final Set<String> FIELDS = Set.of("dangling", "driver", "id", "label", "name", "scope", "type");
    private static final Set<String> TYPES = Set.of("custom", "builtin");
    private static final Set<String> TRUE = Set.of("1", "true");
    private static final Set<String> FALSE = Set.of("0", "false");

    private final Networks networks;

    ListNetworks(Networks networks) {
        this.networks = networks;
    }

    /**
     * By name.
     *
     * @throws InvalidParameter for a filter that does not exist or a wrong value
     */
    public List<Network> list(Filters filters) {
        filters.acceptOnly(FIELDS);
        checkDangling(filters.of("dangling"));
        for (String type : filters.of("type")) {
            if (!TYPES.contains(type)) {
                throw new InvalidParameter("invalid filter: 'type'='" + type + "'");
            }
        }
        Predicate<String> named = filters.matching("name");
        Predicate<String> identified = filters.matching("id");
        return networks.all().stream()
                .filter(network -> Callers.current().sees(network.spec().labels()))
                .filter(network -> matches(network, filters))
                // Last: what costs most is done for what is left, which is the caller's own.
                .filter(network -> named.test(network.spec().name()))
                .filter(network -> identified.test(network.spec().id()))
                .toList();
    }

    private static void checkDangling(List<String> values) {
        if (values.size() > 1) {
            throw new InvalidParameter("got more than one value for filter key \"dangling\"");
        }
        if (!values.isEmpty() && !TRUE.contains(values.getFirst()) && !FALSE.contains(values.getFirst())) {
            throw new InvalidParameter(
                    "invalid value for filter 'dangling', must be \"true\" (or \"1\"), or \"false\" (or \"0\")");
        }
    }

    private static boolean matches(Network network, Filters filters) {
        NetworkSpec spec = network.spec();
        return filters.is("driver", spec.driver())
                && filters.is("scope", spec.scope())
                && filters.any("type", type -> spec.predefined() == type.equals("builtin"))
                && filters.any(
                        "dangling",
                        wanted -> TRUE.contains(wanted) == (network.members().isEmpty() && !spec.predefined()))
                && filters.labels("label", spec.labels());
    }
}
