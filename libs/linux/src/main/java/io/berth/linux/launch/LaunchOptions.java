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
 * @param joinUserNamespace a user namespace's descriptor that the child is to be root of; its new namespaces belong to it
 * @param joinPidNamespace a pid namespace's descriptor, or a pidfd, that the process enters where the program says
 *     ({@link ProcessSteps#enterPidNamespace}); given exactly when it does. Who enters a user namespace as well does so in the
 *     program ({@link ProcessSteps#enterUserNamespace})
 * @param whileWaiting what this process does while the child waits; given exactly when the program waits
 */
public record LaunchOptions(
        Set<Namespace> newNamespaces,
        Optional<Fd> cgroup,
        Optional<Fd> joinUserNamespace,
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
        if ((joinPidNamespace.isPresent() || joinUserNamespace.isPresent()) && whileWaiting.isPresent()) {
            throw new IllegalArgumentException("a child that joins namespaces cannot wait for its parent");
        }
        if (joinPidNamespace.isPresent() && (joinUserNamespace.isPresent() || newNamespaces.contains(Namespace.USER))) {
            // Its memory would be the user namespace's, whose root others in the pid namespace may be.
            throw new IllegalArgumentException("a child that joins a pid namespace cannot begin in a user namespace");
        }
        if (joinUserNamespace.isPresent() && newNamespaces.contains(Namespace.USER)) {
            throw new IllegalArgumentException("a user namespace is either new or joined");
        }
    }

    /** A child in this process's namespaces. */
    public static LaunchOptions inSameNamespaces() {
        return inNewNamespaces(Set.of());
    }

    public static LaunchOptions inNewNamespaces(Set<Namespace> namespaces) {
        return new LaunchOptions(namespaces, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    public LaunchOptions inCgroup(Fd directory) {
        return new LaunchOptions(
                newNamespaces, Optional.of(directory), joinUserNamespace, joinPidNamespace, whileWaiting);
    }

    /** Lets the process enter an existing pid namespace; by a child, since a process cannot change its own. */
    public LaunchOptions joiningPidNamespace(Fd namespaceOrPidfd) {
        return new LaunchOptions(newNamespaces, cgroup, joinUserNamespace, Optional.of(namespaceOrPidfd), whileWaiting);
    }

    /** Lets the child be root of an existing user namespace (ids 0 of it, with all capabilities there and none here). */
    public LaunchOptions joiningUserNamespace(Fd namespace) {
        return new LaunchOptions(newNamespaces, cgroup, Optional.of(namespace), joinPidNamespace, whileWaiting);
    }

    public LaunchOptions whileWaiting(ParentAction action) {
        return new LaunchOptions(newNamespaces, cgroup, joinUserNamespace, joinPidNamespace, Optional.of(action));
    }
}
