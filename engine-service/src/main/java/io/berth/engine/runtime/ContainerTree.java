package io.berth.engine.runtime;

import io.berth.linux.fd.Directory;
import java.util.function.Predicate;

/**
 * An open file tree of a container; closing it unmounts what was mounted for it.
 *
 * @param root every path through it resolves inside the container
 * @param isKernels tells directories whose contents the kernel makes up, such as /proc, and /dev
 * @param unmount done last
 */
public record ContainerTree(Directory root, Predicate<Directory> isKernels, Runnable unmount) implements AutoCloseable {
    @Override
    public void close() {
        root.close();
        unmount.run();
    }
}
