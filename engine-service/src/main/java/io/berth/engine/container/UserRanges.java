package io.berth.engine.container;

import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.HostConfig;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.SystemFailure;
import io.berth.engine.container.UserRangeProperties.Mode;
import io.berth.engine.runtime.ContainerId;
import io.berth.engine.runtime.Isolation.IdRange;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * Gives containers ranges of user ids that no other container has. What is taken is what existing containers have, so a range is
 * free again when its container is removed, and nothing needs to be kept. Thread-safe.
 */
@Component
@EnableConfigurationProperties(UserRangeProperties.class)
final class UserRanges {
    /** Ids of a range: all that 16 bits can name, which images expect. */
    static final long SIZE = 65_536;

    /** Asks for a mode where the client cannot: a label or annotation of the container with this name. */
    static final String NAME = "berth.userns";

    private final Containers containers;
    private final UserRangeProperties properties;
    private final ReentrantLock lock = new ReentrantLock();
    /** Of containers that are being created. */
    private final Map<ContainerId, Long> pending = new HashMap<>();

    private int next;

    UserRanges(Containers containers, UserRangeProperties properties) {
        this.containers = containers;
        this.properties = properties;
    }

    /**
     * The range of a container that is being created. Give it back with {@link #letGo} when the container is known, or when it
     * has come to nothing.
     *
     * @return null for the host's own ids
     * @throws InvalidParameter when the mode is none, or does not go with the rest of the configuration
     */
    @Nullable
    IdRange take(ContainerId id, ContainerConfig config, HostConfig host) {
        if (mode(config, host) == Mode.HOST) {
            return null;
        }
        refuseConflicts(host);
        lock.lock();
        try {
            Set<Long> taken = new HashSet<>(pending.values());
            for (Container container : containers.all()) {
                IdRange range = container.snapshot().spec().users();
                if (range != null) {
                    taken.add(range.hostStart());
                }
            }
            // The next one rather than the first free: files of a removed container may still be somewhere.
            for (int tries = 0; tries < properties.count(); tries++) {
                long start = properties.base() + next * SIZE;
                next = (next + 1) % properties.count();
                if (!taken.contains(start)) {
                    pending.put(id, start);
                    return new IdRange(start, SIZE);
                }
            }
        } finally {
            lock.unlock();
        }
        throw new SystemFailure(
                "all " + properties.count() + " ranges of user ids are taken; remove containers or lower "
                        + "berth.engine.userns.base",
                null);
    }

    /** Forgets a container that was being created. */
    void letGo(ContainerId id) {
        lock.lock();
        try {
            pending.remove(id);
        } finally {
            lock.unlock();
        }
    }

    private Mode mode(ContainerConfig config, HostConfig host) {
        String mode = host.usernsMode();
        if (mode.isEmpty() && host.annotations() != null) {
            mode = host.annotations().getOrDefault(NAME, "");
        }
        if (mode.isEmpty() && config.labels() != null) {
            mode = config.labels().getOrDefault(NAME, "");
        }
        return switch (mode) {
            case "" -> properties.defaultMode();
            case "host" -> Mode.HOST;
            case "auto" -> Mode.AUTO;
            default -> throw new InvalidParameter("invalid userns mode: " + mode);
        };
    }

    /** What would reach beyond the range (moby: daemon_unix.go, verifyPlatformContainerSettings). */
    private static void refuseConflicts(HostConfig host) {
        refuse(
                host.privileged(),
                "privileged mode is incompatible with user namespaces.  "
                        + "You must run the container in the host namespace when running privileged mode");
        refuse(
                host.networkMode().equals("host"),
                "cannot share the host's network namespace when user namespaces are enabled");
        refuse(host.pidMode().equals("host"), "cannot share the host PID namespace when user namespaces are enabled");
        refuse(host.ipcMode().equals("host"), "cannot share the host's IPC namespace when user namespaces are enabled");
        refuse(
                host.cgroupnsMode().equals("host"),
                "cannot share the host's cgroup namespace when user namespaces are enabled");
        for (String mode : List.of(host.networkMode(), host.pidMode(), host.ipcMode())) {
            refuse(
                    NamespaceModes.isContainer(mode),
                    "cannot join namespaces of another container when user namespaces are enabled");
        }
    }

    private static void refuse(boolean asked, String message) {
        if (asked) {
            throw new InvalidParameter(message);
        }
    }
}
