package io.berth.engine.runtime;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Something that is mounted in a container beside its root and the kernel's own file systems. */
public sealed interface MountLaunch {
    /** Absolute path inside the container; made when missing. */
    String target();

    /**
     * A file or directory of the host: a bind mount, or a volume.
     *
     * @param source on the host, absolute; its links are followed
     * @param subpath below the source, resolved so that no link of the source leads out of it; empty for the source itself
     * @param recursive whether mounts below the source come along
     */
    record Bind(
            Path source,
            String subpath,
            @Override String target,
            boolean recursive,
            ReadOnly readOnly,
            Propagation propagation)
            implements MountLaunch {}

    /**
     * A file system in memory.
     *
     * @param sizeBytes zero is the kernel's default, half of the memory
     * @param mode permission bits, such as 01777
     * @param flags by their names in mount(8): {@code noexec}, {@code nosuid}, {@code nodev}, {@code ro}…
     * @param options further ones of tmpfs(5), such as {@code uid=1000}
     */
    record Tmpfs(@Override String target, long sizeBytes, int mode, Set<String> flags, List<String> options)
            implements MountLaunch {
        public Tmpfs {
            flags = Set.copyOf(flags);
            options = List.copyOf(options);
        }
    }

    /**
     * An image's files, read-only.
     *
     * @param layers bottom first
     * @param subpath as in {@link Bind}
     */
    record Image(@Override String target, List<Path> layers, String subpath) implements MountLaunch {
        public Image {
            layers = List.copyOf(layers);
        }
    }

    /** How much of a bind mount is read-only. */
    enum ReadOnly {
        NO,
        /** The mount itself; mounts below it stay as they are. */
        TOP,
        /** All mounts below as far as the kernel can (Docker's default for read-only binds). */
        RECURSIVE_IF_POSSIBLE,
        /** All mounts below, or the start fails. */
        RECURSIVE
    }

    /** How mounts that are made later travel between host and container (mount_namespaces(7)). */
    enum Propagation {
        PRIVATE,
        RPRIVATE,
        SHARED,
        RSHARED,
        SLAVE,
        RSLAVE
    }
}
