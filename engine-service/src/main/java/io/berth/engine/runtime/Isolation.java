package io.berth.engine.runtime;

import io.berth.linux.process.ProcessIdentity;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a container shares with others.
 *
 * @param users the container's own range of user and group ids; null is the host's ids
 * @param sysctls by name with slashes, such as {@code net/ipv4/ip_forward}; only such as belong to a namespace that the container has for itself
 */
public record Isolation(
        NamespaceChoice pid,
        NamespaceChoice ipc,
        NamespaceChoice uts,
        NamespaceChoice network,
        NamespaceChoice cgroup,
        @Nullable IdRange users,
        Map<String, String> sysctls) {

    /** Everything for itself, and the host's user ids. */
    public static final Isolation FULL = new Isolation(
            new NamespaceChoice.Private(),
            new NamespaceChoice.Private(),
            new NamespaceChoice.Private(),
            new NamespaceChoice.Private(),
            new NamespaceChoice.Private(),
            null,
            Map.of());

    public Isolation {
        sysctls = Map.copyOf(sysctls);
    }

    /** This, with other user ids. */
    public Isolation withUsers(@Nullable IdRange range) {
        return new Isolation(pid, ipc, uts, network, cgroup, range, sysctls);
    }

    /** Which namespace of a kind a container is in. */
    public sealed interface NamespaceChoice {
        /** A new one. */
        record Private() implements NamespaceChoice {}

        /** The engine's. */
        record Host() implements NamespaceChoice {}

        /** That of another container's first process. */
        record Of(ProcessIdentity process) implements NamespaceChoice {}
    }

    /**
     * Ids 0 to size - 1 inside are hostStart… outside (user_namespaces(7)).
     *
     * @param hostStart the host's id of the container's root
     */
    public record IdRange(long hostStart, long size) {}
}
