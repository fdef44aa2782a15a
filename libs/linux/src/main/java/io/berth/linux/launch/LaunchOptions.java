package io.berth.linux.launch;

import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import java.util.Optional;
import java.util.Set;

/**
 * How a child is made, beside what it does.
 *
 * @param newNamespaces those that the child begins in; {@code TIME} is only for its children and not accepted
 * @param cgroup a directory of a version 2 hierarchy, open: the child begins in it ({@code CLONE_INTO_CGROUP})
 * @param joinPidNamespace a pid namespace's descriptor, or a pidfd, that the child is to be born into
 * @param whileWaiting what this process does while the child waits; given exactly when the program waits
 */
public record LaunchOptions(
        Set<Namespace> newNamespaces,
        Optional<Fd> cgroup,
        Optional<Fd> joinPidNamespace,
        Optional<ParentAction> whileWaiting) {

    public LaunchOptions {
        newNamespaces = Set.copyOf(newNamespaces);
        if (newNamespaces.contains(Namespace.TIME)) {
            throw new IllegalArgumentException("a new time namespace cannot be begun in");
        }
        if (joinPidNamespace.isPresent() && newNamespaces.contains(Namespace.PID)) {
            throw new IllegalArgumentException("a pid namespace is either new or joined");
        }
        if (joinPidNamespace.isPresent() && whileWaiting.isPresent()) {
            throw new IllegalArgumentException("a child that joins a pid namespace cannot wait for its parent");
        }
    }

    /** A child in this process's namespaces. */
    public static LaunchOptions inSameNamespaces() {
        return inNewNamespaces(Set.of());
    }

    public static LaunchOptions inNewNamespaces(Set<Namespace> namespaces) {
        return new LaunchOptions(namespaces, Optional.empty(), Optional.empty(), Optional.empty());
    }

    public LaunchOptions inCgroup(Fd directory) {
        return new LaunchOptions(newNamespaces, Optional.of(directory), joinPidNamespace, whileWaiting);
    }

    /**
     * Lets the child be born into an existing pid namespace, since a process cannot change its own.
     */
    public LaunchOptions joiningPidNamespace(Fd namespaceOrPidfd) {
        return new LaunchOptions(newNamespaces, cgroup, Optional.of(namespaceOrPidfd), whileWaiting);
    }

    public LaunchOptions whileWaiting(ParentAction action) {
        return new LaunchOptions(newNamespaces, cgroup, joinPidNamespace, Optional.of(action));
    }
}
