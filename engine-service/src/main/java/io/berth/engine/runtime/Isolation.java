package io.berth.engine.runtime;

import io.berth.json.Frozen;
import io.berth.linux.fd.Fd;
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
        sysctls = Frozen.map(sysctls);
    }

    /** This, with other user ids. */
    public Isolation withUsers(@Nullable IdRange range) {
        return new Isolation(pid, ipc, uts, network, cgroup, range, sysctls);
    }

    /** This, with another network namespace. */
    public Isolation withNetwork(NamespaceChoice choice) {
        return new Isolation(pid, ipc, uts, choice, cgroup, users, sysctls);
    }

    /** Which namespace of a kind a container is in. */
    public sealed interface NamespaceChoice {
        /** A new one. */
        record Private() implements NamespaceChoice {}

        /** The engine's. */
        record Host() implements NamespaceChoice {}

        /** That of another container's first process. */
        record Of(ProcessIdentity process) implements NamespaceChoice {}

        /**
         * One that is made for the container alone while it is being launched; for network only. What is done to new ones for
         * every container (loopback is up, any user may bind low ports and ping) is the maker's to do.
         */
        record Prepared(NamespaceMaker maker) implements NamespaceChoice {}
    }

    /** Makes the namespace of a container. */
    @FunctionalInterface
    public interface NamespaceMaker {
        /**
         * Makes it; called once for a launch, beside the launch's other preparations and on another thread.
         *
         * @param userNamespace the container's own, which the namespace is to belong to, open during the call; null where the
         *     container has the engine's
         * @return owned by the launch, which closes it after the container has joined it, or when it fails. What else the
         *     maker made is the caller's of the launch to take back then
         * @throws RuntimeException when it cannot be made: the launch fails with it
         */
        Fd make(@Nullable Fd userNamespace);
    }

    /**
     * Ids 0 to size - 1 inside are hostStart… outside (user_namespaces(7)).
     *
     * @param hostStart the host's id of the container's root
     */
    public record IdRange(long hostStart, long size) {}
}
