package io.berth.engine.container;

import io.berth.docker.error.InvalidParameter;
import io.berth.dockerserver.filter.Filters;
import io.berth.engine.caller.Caller;
import io.berth.engine.caller.Callers;
import io.berth.engine.image.Images;
import io.berth.engine.runtime.ContainerId;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
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
        Caller caller = Callers.current();
        filters.acceptOnly(FIELDS);
        checkValues(filters);
        PortFilter ports = new PortFilter(filters);
        Optional<Boolean> task = filters.flag("is-task");
        @Nullable Instant before = created(filters.of("before"));
        @Nullable Instant since = created(filters.of("since"));
        List<ContainerSnapshot> visible = containers.newestFirst().stream()
                .map(Container::snapshot)
                .filter(container -> caller.sees(container.spec().labels()))
                .toList();
        Predicate<ContainerSnapshot> identified = identified(filters.of("id"), visible);
        Predicate<String> named = filters.matching("name");
        Predicate<String> inState = filters.matching("status");
        Ancestors ancestors = new Ancestors(filters, images);
        boolean stopped = all || limit > 0 || !filters.of("status").isEmpty();
        Stream<ContainerSnapshot> found = visible.stream()
                .filter(container -> stopped || container.state().running())
                .filter(container ->
                        before == null || container.spec().created().isBefore(before))
                .filter(container -> since == null || container.spec().created().isAfter(since))
                // Berth has no tasks of services.
                .filter(_ -> !task.orElse(false))
                .filter(container -> matches(container, filters))
                .filter(container -> inState.test(container.state().status().text()))
                .filter(ports::accepts)
                .filter(container -> ancestors.include(container.spec()))
                .filter(identified)
                // Last: what costs most is done for what is left, which is the caller's own.
                .filter(container -> named.test("/" + container.name()) || named.test(container.name()));
        return (limit > 0 ? found.limit(limit) : found).toList();
    }

    private static void checkValues(Filters filters) {
        for (String status : filters.of("status")) {
            if (ContainerStatus.of(status).isEmpty()) {
                throw new InvalidParameter("invalid filter 'status=" + status + "'");
            }
        }
        for (String code : filters.of("exited")) {
            if (!code.matches("[+-]?\\d{1,18}")) {
                throw new InvalidParameter(
                        "invalid filter 'exited=" + code + "': strconv.Atoi: parsing \"" + code + "\": invalid syntax");
            }
        }
        for (String health : filters.of("health")) {
            if (!Set.of("starting", "healthy", "unhealthy", "none").contains(health)) {
                throw new InvalidParameter("unrecognized filter value for health: " + health);
            }
        }
    }

    /** By the beginning of an id that only one has, as moby looks for it. */
    private static Predicate<ContainerSnapshot> identified(List<String> wanted, List<ContainerSnapshot> visible) {
        if (wanted.isEmpty()) {
            return _ -> true;
        }
        Set<ContainerId> found = new HashSet<>();
        for (String prefix : wanted) {
            List<ContainerId> ids = visible.stream()
                    .map(ContainerSnapshot::id)
                    .filter(id -> !prefix.isEmpty() && id.value().startsWith(prefix))
                    .limit(2)
                    .toList();
            if (ids.size() == 1) {
                found.add(ids.getFirst());
            }
        }
        return container -> found.contains(container.id());
    }

    /** Of several the last counts. */
    private @Nullable Instant created(List<String> references) {
        Instant created = null;
        for (String reference : references) {
            created = containers.find(reference).snapshot().spec().created();
        }
        return created;
    }

    private static boolean matches(ContainerSnapshot container, Filters filters) {
        ContainerState state = container.state();
        return filters.labels("label", container.spec().labels())
                && filters.any("exited", code -> hasExited(state) && Long.parseLong(code) == state.exitCode())
                && filters.is("health", health(container))
                && (!filters.has("network")
                        || filters.of("network").stream().anyMatch(wanted -> isIn(container, wanted)))
                && (!filters.has("volume")
                        || filters.of("volume").stream().anyMatch(wanted -> hasMounted(container.spec(), wanted)));
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

    private static boolean hasMounted(ContainerSpec spec, String wanted) {
        return spec.mounts().stream()
                .anyMatch(mount -> mount.destination().equals(wanted)
                        || (mount.name().isEmpty() ? mount.source() : mount.name()).equals(wanted));
    }
}
