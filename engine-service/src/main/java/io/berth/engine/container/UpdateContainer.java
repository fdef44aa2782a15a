package io.berth.engine.container;

import io.berth.docker.DockerJson;
import io.berth.docker.container.HostConfig;
import io.berth.docker.container.RestartPolicy;
import io.berth.docker.container.UpdateRequest;
import io.berth.docker.error.Conflict;
import io.berth.docker.error.SystemFailure;
import io.berth.engine.runtime.ContainerRuntime;
import io.berth.linux.cgroup.CgroupSupport;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Changes containers' resources and restart policies (moby: daemon/update.go, container_unix.go). */
@Component
public final class UpdateContainer {
    /** Those that an update can change; zero, empty and null leave them as they are. */
    private static final List<String> RESOURCES = List.of(
            "BlkioWeight",
            "CpuShares",
            "NanoCpus",
            "CpuPeriod",
            "CpuQuota",
            "CpuRealtimePeriod",
            "CpuRealtimeRuntime",
            "CpusetCpus",
            "CpusetMems",
            "Memory",
            "MemorySwap",
            "MemoryReservation",
            "PidsLimit");

    private final ContainerRuntime runtime;
    private final Respecification respecification;
    private final ExitWatch exits;
    private final ContainerEvents events;

    UpdateContainer(
            ContainerRuntime runtime, Respecification respecification, ExitWatch exits, ContainerEvents events) {
        this.runtime = runtime;
        this.respecification = respecification;
        this.exits = exits;
        this.events = events;
    }

    /**
     * Changes what the request names, also of a running container, and returns when the kernel has taken it and it is on disk.
     *
     * @param resources only its resources are looked at
     * @return warnings about what the host cannot limit, which is left as it is
     * @throws io.berth.docker.error.InvalidParameter for values that make no sense
     * @throws Conflict when they contradict those that the container has
     * @throws SystemFailure when the kernel refuses them, for instance less memory than is used; nothing is changed then
     */
    public List<String> update(Container container, HostConfig resources, UpdateRequest.@Nullable Policy policy) {
        @Nullable
        RestartPolicy restart =
                policy == null || policy.name() == null || policy.name().isEmpty()
                        ? null
                        : new RestartPolicy(policy.name(), policy.maximumRetryCount());
        RequestCheck.checkUpdate(resources, restart);
        CgroupSupport support = runtime.support();
        ResourceLimits.check(resources, support);
        HostConfig wanted = DiscardedLimits.without(resources, support);
        container.exclusively(() -> {
            if (container.isRemoved()) {
                throw refusal(container, "container is marked for removal and cannot be \"update\"");
            }
            ContainerSnapshot before = container.snapshot();
            HostConfig present = before.spec().hostConfig();
            checkConflicts(container, present, wanted);
            if (restart != null && present.autoRemove() && !restart.name().equals("no")) {
                throw refusal(
                        container, "Restart policy cannot be updated because AutoRemove is enabled for the container");
            }
            HostConfig merged = merge(present, wanted, restart);
            boolean runs = container.run().isPresent();
            respecification.change(
                    container,
                    before.with(before.spec().with(merged)),
                    planned -> {
                        if (runs) {
                            apply(container, merged);
                        }
                        return planned;
                    },
                    () -> {
                        if (runs) {
                            apply(container, present);
                        }
                    });
            container.run().ifPresent(run -> exits.watchMemory(container, run));
        });
        events.publish(container, "update");
        return ResourceWarnings.ofResources(resources, support);
    }

    private void apply(Container container, HostConfig merged) {
        try {
            runtime.update(container.id(), ResourceLimits.of(merged, runtime.support()));
        } catch (UncheckedIOException e) {
            throw new SystemFailure("Cannot update container " + container.id() + ": " + e.getMessage(), e);
        }
    }

    private static void checkConflicts(Container container, HostConfig present, HostConfig wanted) {
        if (wanted.nanoCpus() > 0 && present.cpuPeriod() > 0) {
            throw refusal(
                    container, "Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set");
        }
        if (wanted.nanoCpus() > 0 && present.cpuQuota() > 0) {
            throw refusal(
                    container, "Conflicting options: Nano CPUs cannot be updated as CPU Quota has already been set");
        }
        if (wanted.cpuPeriod() > 0 && present.nanoCpus() > 0) {
            throw refusal(
                    container, "Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set");
        }
        if (wanted.cpuQuota() > 0 && present.nanoCpus() > 0) {
            throw refusal(
                    container, "Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set");
        }
        if (wanted.memory() != 0 && wanted.memorySwap() == 0 && wanted.memory() > swap(present)) {
            throw refusal(
                    container,
                    "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the"
                            + " same time");
        }
    }

    /** What was not asked for at create is twice the memory, and stays that when the memory is changed. */
    private static long swap(HostConfig host) {
        return host.memorySwap() == 0 && host.memory() > 0 ? 2 * host.memory() : host.memorySwap();
    }

    private static HostConfig merge(HostConfig present, HostConfig wanted, @Nullable RestartPolicy restart) {
        ObjectNode merged = DockerJson.MAPPER.valueToTree(present);
        merged.put("MemorySwap", swap(present));
        ObjectNode changes = DockerJson.MAPPER.valueToTree(wanted);
        for (String name : RESOURCES) {
            JsonNode value = changes.path(name);
            if (isGiven(name, value)) {
                merged.set(name, value);
            }
        }
        if (wanted.pidsLimit() != null && wanted.pidsLimit() < 0) {
            merged.put("PidsLimit", 0); // as Docker keeps it
        }
        if (restart != null) {
            merged.set("RestartPolicy", DockerJson.MAPPER.valueToTree(restart));
        }
        return DockerJson.MAPPER.treeToValue(merged, HostConfig.class);
    }

    /** A limit of zero processes means none; every other zero, that it stays as it is. */
    private static boolean isGiven(String name, JsonNode value) {
        if (value.isNumber()) {
            return name.equals("PidsLimit") || value.asLong() != 0;
        }
        return value.isString() && !value.asString().isEmpty();
    }

    private static Conflict refusal(Container container, String why) {
        return new Conflict("Cannot update container " + container.id() + ": " + why);
    }
}
