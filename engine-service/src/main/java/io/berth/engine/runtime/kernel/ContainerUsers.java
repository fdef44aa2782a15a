package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.Isolation.IdRange;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Fd;
import io.berth.linux.launch.IdMap;
import io.berth.linux.launch.Launcher;
import io.berth.linux.launch.UserNamespaces;
import io.berth.linux.mount.DetachedMount;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import io.berth.linux.process.FileSystemUser;
import io.berth.linux.process.Pidfd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who a container's users are outside: the host's own, or a range of ids that belongs to the container alone and is mapped by a
 * user namespace. Holds the namespace by a descriptor until it is closed; the container's processes hold it afterwards.
 */
final class ContainerUsers implements AutoCloseable {
    /** The host's. */
    static final ContainerUsers HOST = new ContainerUsers(null, null);

    private final @Nullable IdRange range;
    private final @Nullable Fd namespace;

    private ContainerUsers(@Nullable IdRange range, @Nullable Fd namespace) {
        this.range = range;
        this.namespace = namespace;
    }

    /**
     * Makes the user namespace of a range.
     *
     * @param range null for the host's ids
     */
    static ContainerUsers of(@Nullable IdRange range, Launcher launcher) {
        if (range == null) {
            return HOST;
        }
        IdMap map = new IdMap(0, range.hostStart(), range.size());
        return new ContainerUsers(range, UserNamespaces.create(launcher, map, map));
    }

    /** Those of a running process; the caller has made sure that the process is the one meant, and does so afterwards. */
    static ContainerUsers of(Pidfd process) {
        IdRange range = rangeOf(process.pid());
        return range == null ? HOST : new ContainerUsers(range, Namespaces.open(process, Namespace.USER));
    }

    /**
     * The range of a running process, or null for the host's ids.
     *
     * @throws SyscallException ESRCH when there is no such process
     */
    static @Nullable IdRange rangeOf(int pid) {
        Path other = Path.of("/proc/" + pid + "/ns/user");
        try {
            if (Files.readSymbolicLink(other).equals(Own.NAMESPACE)) {
                return null;
            }
            String[] map = Files.readString(Path.of("/proc/" + pid + "/uid_map"))
                    .strip()
                    .split("\\s+");
            return new IdRange(Long.parseLong(map[1]), Long.parseLong(map[2]));
        } catch (IOException e) {
            throw new SyscallException("readlinkat", other.toString(), Errno.ESRCH);
        }
    }

    /** This process's namespace, which it cannot change. */
    private static final class Own {
        static final Path NAMESPACE = read();

        private static Path read() {
            try {
                return Files.readSymbolicLink(Path.of("/proc/self/ns/user"));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot tell this process's user namespace", e);
            }
        }
    }

    /** Whether the container has a range of its own. */
    boolean own() {
        return namespace != null;
    }

    Optional<Fd> namespace() {
        return Optional.ofNullable(namespace);
    }

    /**
     * The host's id of a container's.
     *
     * @throws LaunchFailure when the container has no such id
     */
    long outside(long id) {
        if (range == null) {
            return id;
        }
        if (id < 0 || id >= range.size()) {
            throw new LaunchFailure(
                    LaunchFailure.Kind.INVALID_PROCESS,
                    "id " + id + " is not one of the " + range.size() + " of the container's user namespace",
                    null);
        }
        return range.hostStart() + id;
    }

    /**
     * Lets a mount show files with the container's ids as they are stored, as far as their file systems can do that: with the
     * mounts below if all of them can, else the mount alone, else not.
     */
    void mapOwners(DetachedMount mount, boolean recursive) {
        if (namespace == null) {
            return;
        }
        try {
            mount.mapOwners(namespace, recursive);
        } catch (SyscallException e) {
            if (recursive) {
                mapOwners(mount, false);
            }
        }
    }

    /**
     * Works on files as the container's root, so that what is made in its file systems is its root's. In a mount whose owners
     * are mapped nobody else can make anything.
     */
    <T> T callAsRoot(Supplier<T> work) {
        return range == null ? work.get() : FileSystemUser.call(outside(0), outside(0), work);
    }

    @Override
    public void close() {
        if (namespace != null) {
            namespace.close();
        }
    }
}
