package io.berth.engine.runtime;

import io.berth.engine.runtime.Isolation.IdRange;
import io.berth.linux.fd.Directory;
import io.berth.linux.process.FileSystemUser;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An open file tree of a container; closing it unmounts what was mounted for it.
 *
 * @param root every path through it resolves inside the container
 * @param isKernels tells directories whose contents the kernel makes up, such as /proc, and /dev
 * @param users the range that owners are seen in, or null for those that the container itself sees
 * @param unmount done last
 */
public record ContainerTree(
        Directory root,
        Predicate<Directory> isKernels,
        @Nullable IdRange users,
        Runnable unmount) implements AutoCloseable {

    /** The container's id of an owner in this tree. */
    public long inside(long id) {
        return users == null ? id : id - users.hostStart();
    }

    /**
     * The owner in this tree that is the container's id.
     *
     * @throws IllegalArgumentException when the container has no such id
     */
    public long outside(long id) {
        if (users == null) {
            return id;
        }
        if (id < 0 || id >= users.size()) {
            throw new IllegalArgumentException("id " + id + " is not one of the container's " + users.size());
        }
        return users.hostStart() + id;
    }

    /** Does what makes files in the tree, as the container's root: its mounts let nobody else do that. */
    public <T> T callAsRoot(Supplier<T> work) {
        return users == null ? work.get() : FileSystemUser.call(users.hostStart(), users.hostStart(), work);
    }

    @Override
    public void close() {
        root.close();
        unmount.run();
    }
}
