package io.berth.linux.cgroup;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The cgroups of one engine: one group for each container, all below one parent group of a fixed name, so that the engine's
 * own can be told from others' after a restart.
 *
 * <p>Thread-safe; one group is only created, changed or removed by one thread at a time.
 */
public interface Cgroups {
    /**
     * The same host's groups below another parent, which is made when missing and never removed: it is somebody else's.
     *
     * @param parent path of the group from the root of each hierarchy, with or without a leading slash
     * @throws IllegalArgumentException when it is empty or leads upwards
     */
    Cgroups below(String parent);

    /** Makes the parent group where it is missing. */
    void prepare();

    /** Removes the parent group if no group is left below it. */
    void removeParentIfEmpty();

    /**
     * Creates a group with its limits, ready for its first process.
     *
     * @param name letters, digits, {@code _} and {@code -}
     * @param devices which device nodes may be used
     * @throws io.berth.linux.SyscallException (or UncheckedIOException naming the file) when the kernel refuses; nothing is
     *     left behind then
     */
    Cgroup create(String name, CgroupLimits limits, DevicePolicy devices);

    /** The group of this name, if it exists. */
    Optional<Cgroup> find(String name);

    /** Names of all groups below the parent. */
    Set<String> names();

    /** How a process shows itself the hierarchies it is in. */
    List<Hierarchy> hierarchies();

    /** Which limits can be set; after {@link #prepare}. */
    CgroupSupport support();

    /** 1 or 2. */
    int version();

    /**
     * A mounted hierarchy.
     *
     * @param name directory below /sys/fs/cgroup; empty for version 2
     * @param type file system type
     * @param options mount options that name the hierarchy; empty for version 2
     */
    record Hierarchy(String name, String type, String options) {}

    /** A group's path from the root of a hierarchy, without slashes at its ends. */
    static String relativeParent(String parent) {
        List<String> names = new ArrayList<>();
        for (String name : parent.split("/")) {
            if (name.equals("..") || name.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("invalid cgroup parent: " + parent);
            }
            if (!name.isEmpty() && !name.equals(".")) {
                names.add(name);
            }
        }
        if (names.isEmpty()) {
            throw new IllegalArgumentException("invalid cgroup parent: " + parent);
        }
        return String.join("/", names);
    }
}
