package io.berth.engine.container;

import io.berth.docker.error.InvalidParameter;
import io.berth.engine.filter.Filters;
import io.berth.engine.image.Images;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Lists containers as {@code docker ps} wants them (moby: daemon/list.go). Takes no container's lock. */
@Component
public final class ListContainers {
    private static final Set<String> FIELDS = Set.of(
            "ancestor",
            "before",
            "exited",
            "expose",
            "health",
            "id",
            "is-task",
            "isolation",
            "label",
            "name",
            "network",
            "publish",
            "since",
            "status",
            "volume");

    private final Containers containers;
    private final Images images;

    ListContainers(Containers containers, Images images) {
        this.containers = containers;
        this.images = images;
    }

    /**
     * The newest first.
     *
     * @param all also those that do not run
     * @param limit at most so many, also of those that do not run; zero or less is all
     * @throws InvalidParameter for a filter that does not exist or a wrong value
     * @throws NoSuchContainer when {@code before} or {@code since} name none
     */
    public List<ContainerSnapshot> list(boolean all, long limit, Filters filters) {
        filters.acceptOnly(FIELDS);
        checkValues(filters);
        @Nullable Instant before = created(filters.of("before"));
        @Nullable Instant since = created(filters.of("since"));
        Predicate<String> byId = filters.matching("id");
        Predicate<String> byName = filters.matching("name");
        Ancestors ancestors = new Ancestors(filters, images);
        boolean stopped =
                all || limit > 0 || before != null || since != null || filters.has("status") || filters.has("exited");
        Stream<ContainerSnapshot> found = containers.newestFirst().stream()
                .map(Container::snapshot)
                .filter(container -> stopped || container.state().running())
                .filter(container ->
                        before == null || container.spec().created().isBefore(before))
                .filter(container -> since == null || container.spec().created().isAfter(since))
                .filter(container -> matches(container, filters))
                .filter(container -> ancestors.include(container.spec()))
                // Last: what costs most is done for what is left, which is the caller's own.
                .filter(container -> byId.test(container.id().value()))
                .filter(container -> byName.test("/" + container.name()) || byName.test(container.name()));
        return (limit > 0 ? found.limit(limit) : found).toList();
    }

    private static void checkValues(Filters filters) {
        for (String status : filters.of("status")) {
            if (ContainerStatus.of(status).isEmpty()) {
                throw new InvalidParameter("invalid filter 'status=" + status + "'");
            }
        }
        for (String code : filters.of("exited")) {
            if (!code.matches("-?\\d{1,9}")) {
                throw new InvalidParameter(
                        "invalid filter 'exited=" + code + "': strconv.Atoi: parsing \"" + code + "\": invalid syntax");
            }
        }
        for (String health : filters.of("health")) {
            if (!Set.of("starting", "healthy", "unhealthy", "none").contains(health)) {
                throw new InvalidParameter("unrecognized filter value for health: " + health);
            }
        }
        for (String task : filters.of("is-task")) {
            if (!Set.of("true", "false", "1", "0").contains(task)) {
                throw new InvalidParameter("invalid filter 'is-task=[" + task + "]'");
            }
        }
        PortFilter.check(filters, "expose");
        PortFilter.check(filters, "publish");
    }

    private @Nullable Instant created(List<String> references) {
        return references.isEmpty()
                ? null
                : containers.find(references.getFirst()).snapshot().spec().created();
    }

    private static boolean matches(ContainerSnapshot container, Filters filters) {
        ContainerState state = container.state();
        return filters.labels("label", container.spec().labels())
                && filters.any("status", state.status().text()::equals)
                && filters.any("exited", code -> hasExited(state) && Integer.parseInt(code) == state.exitCode())
                && filters.any("health", health(container)::equals)
                && filters.any("network", wanted -> isIn(container, wanted))
                && PortFilter.matches(filters, "expose", exposed(container.spec()))
                && filters.any("volume", wanted -> hasMounted(container.spec(), wanted))
                && PortFilter.matches(filters, "publish", published(container.spec()))
                && filters.any("is-task", wanted -> wanted.equals("false") || wanted.equals("0"))
                && filters.any("isolation", "default"::equals);
    }

    private static String health(ContainerSnapshot container) {
        return container.health() == null ? "none" : container.health().status().text();
    }

    private static boolean isIn(ContainerSnapshot container, String network) {
        return container.spec().networks().containsKey(network)
                || container.network().endpoints().stream()
                        .anyMatch(endpoint -> endpoint.networkId().startsWith(network));
    }

    private static boolean hasExited(ContainerState state) {
        return state.status() == ContainerStatus.EXITED && state.startedAt() != null;
    }

    private static Set<String> exposed(ContainerSpec spec) {
        return spec.config().exposedPorts() == null
                ? Set.of()
                : spec.config().exposedPorts().keySet();
    }

    private static boolean hasMounted(ContainerSpec spec, String wanted) {
        return spec.mounts().stream()
                .anyMatch(mount -> mount.destination().equals(wanted)
                        || (mount.name().isEmpty() ? mount.source() : mount.name()).equals(wanted));
    }

    private static Set<String> published(ContainerSpec spec) {
        return spec.hostConfig().portBindings() == null
                ? Set.of()
                : spec.hostConfig().portBindings().keySet();
    }
}
