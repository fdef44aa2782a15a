package io.berth.engine.container;

import io.berth.docker.error.InvalidParameter;
import io.berth.engine.filter.Filters;
import io.berth.oci.ImageReference;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
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

    ListContainers(Containers containers) {
        this.containers = containers;
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
        boolean stopped =
                all || limit > 0 || before != null || since != null || filters.has("status") || filters.has("exited");
        Stream<ContainerSnapshot> found = containers.newestFirst().stream()
                .map(Container::snapshot)
                .filter(container -> stopped || container.state().running())
                .filter(container ->
                        before == null || container.spec().created().isBefore(before))
                .filter(container -> since == null || container.spec().created().isAfter(since))
                .filter(container -> matches(container, filters));
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
                throw new InvalidParameter("invalid filter 'exited=" + code + "'");
            }
        }
        for (String health : filters.of("health")) {
            if (!Set.of("starting", "healthy", "unhealthy", "none").contains(health)) {
                throw new InvalidParameter("invalid filter 'health=" + health + "'");
            }
        }
    }

    private @Nullable Instant created(List<String> references) {
        return references.isEmpty()
                ? null
                : containers.find(references.getFirst()).snapshot().spec().created();
    }

    private static boolean matches(ContainerSnapshot container, Filters filters) {
        ContainerState state = container.state();
        return filters.any("id", wanted -> matches(container.id().value(), wanted))
                && filters.any(
                        "name", wanted -> matches("/" + container.name(), wanted) || matches(container.name(), wanted))
                && filters.any("status", state.status().text()::equals)
                && filters.any("exited", code -> hasExited(state) && Integer.parseInt(code) == state.exitCode())
                && filters.any("health", "none"::equals)
                && filters.any("ancestor", wanted -> isAncestor(container.spec(), wanted))
                && filters.any("network", container.spec().hostConfig().networkMode()::equals)
                && filters.any("expose", wanted -> exposes(container.spec(), wanted))
                && filters.any("volume", wanted -> hasMounted(container.spec(), wanted))
                && !filters.has("publish")
                && filters.any("is-task", "false"::equals)
                && filters.any("isolation", "default"::equals)
                && filters.labels("label", container.spec().labels());
    }

    private static boolean hasExited(ContainerState state) {
        return state.status() == ContainerStatus.EXITED && state.startedAt() != null;
    }

    /** Docker takes these values as regular expressions; what is none is compared as it is. */
    private static boolean matches(String text, String wanted) {
        try {
            return text.equals(wanted) || Pattern.compile(wanted).matcher(text).find();
        } catch (PatternSyntaxException e) {
            return false;
        }
    }

    private static boolean isAncestor(ContainerSpec spec, String wanted) {
        String hex = wanted.startsWith("sha256:") ? wanted.substring(7) : wanted;
        if (hex.matches("[0-9a-f]{12,64}") && spec.imageId().startsWith("sha256:" + hex)) {
            return true;
        }
        return spec.imageReference().equals(wanted)
                || normalised(spec.imageReference()).equals(normalised(wanted));
    }

    private static boolean hasMounted(ContainerSpec spec, String wanted) {
        return spec.mounts().stream()
                .anyMatch(mount -> mount.destination().equals(wanted)
                        || (mount.name().isEmpty() ? mount.source() : mount.name()).equals(wanted));
    }

    private static String normalised(String reference) {
        try {
            return ImageReference.parse(reference).withDefaultTag().toString();
        } catch (IllegalArgumentException e) {
            return reference;
        }
    }

    private static boolean exposes(ContainerSpec spec, String wanted) {
        String port = wanted.indexOf('/') < 0 ? wanted + "/tcp" : wanted;
        return spec.config().exposedPorts() != null
                && spec.config().exposedPorts().containsKey(port);
    }
}
