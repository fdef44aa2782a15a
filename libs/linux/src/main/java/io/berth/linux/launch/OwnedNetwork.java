package io.berth.linux.launch;

import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import io.berth.linux.process.Pidfd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A network namespace that belongs to a user namespace, so that root of that one rules it. A process of many threads cannot
 * join a user namespace, so a child that joins it makes the other there, waits until it has been opened, and ends.
 *
 * @param namespace owned by the receiver
 * @param groups of the user namespace, seen from this process's
 */
public record OwnedNetwork(Fd namespace, IdMap groups) {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /**
     * Makes one that nobody is in.
     *
     * @param users the user namespace, whose maps have been written
     * @throws LaunchException when it cannot be made (EPERM, ENOSPC: more than /proc/sys/user/max_net_namespaces)
     */
    public static OwnedNetwork create(Launcher launcher, Fd users) {
        LaunchProgramBuilder program = LaunchProgram.builder();
        program.process().setns(FdArgument.of(users), Set.of(Namespace.USER));
        program.process().unshare(Set.of(Namespace.NETWORK));
        program.process().awaitParent(PATIENCE);
        program.process().exit(0);
        AtomicReference<OwnedNetwork> made = new AtomicReference<>();
        ParentAction action = pid -> {
            IdMap groups = IdMap.parse(Files.readString(Path.of("/proc/" + pid + "/gid_map")));
            try (Pidfd pidfd = Pidfd.open(pid)) {
                made.set(new OwnedNetwork(Namespaces.open(pidfd, Namespace.NETWORK), groups));
            }
        };
        Launched child;
        try {
            child = launcher.launch(
                    program.build(), LaunchOptions.inSameNamespaces().whileWaiting(action));
        } catch (RuntimeException e) {
            OwnedNetwork network = made.get();
            if (network != null) {
                network.namespace().close();
            }
            throw e;
        }
        try (Pidfd pidfd = child.pidfd()) {
            Object _ = pidfd.awaitExit();
        }
        return Objects.requireNonNull(made.get(), "the child ended before its namespace was opened");
    }
}
