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

/** Makes user namespaces. A process of many threads cannot have one itself, so a child is made in it that then ends. */
public final class UserNamespaces {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private UserNamespaces() {}

    /**
     * Makes a namespace that nobody is in: a child of this process's, owned by this process's user.
     *
     * @return its descriptor, which keeps it
     * @throws LaunchException when it cannot be made (EPERM, ENOSPC: more than /proc/sys/user/max_user_namespaces), or the ids
     *     may not be mapped
     */
    public static Fd create(Launcher launcher, IdMap users, IdMap groups) {
        LaunchProgramBuilder program = LaunchProgram.builder();
        program.process().awaitParent(PATIENCE);
        program.process().exit(0);
        AtomicReference<Fd> namespace = new AtomicReference<>();
        ParentAction action = pid -> {
            Path process = Path.of("/proc/" + pid);
            // One write each: the kernel takes a map as a whole, and only once.
            Files.writeString(process.resolve("uid_map"), users.line());
            Files.writeString(process.resolve("gid_map"), groups.line());
            try (Pidfd pidfd = Pidfd.open(pid)) {
                namespace.set(Namespaces.open(pidfd, Namespace.USER));
            }
        };
        Launched child;
        try {
            child = launcher.launch(
                    program.build(),
                    LaunchOptions.inNewNamespaces(Set.of(Namespace.USER)).whileWaiting(action));
        } catch (RuntimeException e) {
            Fd made = namespace.get();
            if (made != null) {
                made.close();
            }
            throw e;
        }
        try (Pidfd pidfd = child.pidfd()) {
            Object _ = pidfd.awaitExit();
        }
        return Objects.requireNonNull(namespace.get(), "the child ended before its namespace was opened");
    }
}
