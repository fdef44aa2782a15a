package io.berth.linux.cgroup;

import io.berth.linux.mount.MountInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds out which version of cgroups a host uses. A hybrid host has version 1 controllers and beside them a version 2
 * hierarchy without any: there the controllers, and so the driver, are version 1.
 *
 * <p>Groups are made below the root of each hierarchy and not below the engine's own group, as Docker's cgroupfs driver does:
 * they are to outlive the engine and whatever limits it.
 */
public final class CgroupHost {
    private CgroupHost() {}

    /**
     * The driver for this host.
     *
     * @param parent name of the group that all of this engine's groups are made below; another engine on the host needs
     *     another name
     * @param mounts /proc/self/mountinfo, parsed
     * @throws IllegalStateException when no cgroups are mounted
     */
    public static Cgroups detect(String parent, List<MountInfo> mounts) {
        Map<String, Path> controllers = new HashMap<>();
        List<Cgroups.Hierarchy> hierarchies = new ArrayList<>();
        Path unified = null;
        for (MountInfo mount : mounts) {
            Path point = Path.of(mount.mountPoint());
            if (mount.type().equals("cgroup2")) {
                unified = point;
            } else if (mount.type().equals("cgroup")) {
                List<String> names = controllersOf(mount);
                names.forEach(name -> controllers.putIfAbsent(name, point));
                hierarchies.add(
                        new Cgroups.Hierarchy(point.getFileName().toString(), "cgroup", String.join(",", names)));
            }
        }
        if (controllers.containsKey("memory") || controllers.containsKey("cpu")) {
            return new CgroupsV1(controllers, hierarchies, parent);
        }
        if (unified != null) {
            return new CgroupsV2(unified, parent);
        }
        throw new IllegalStateException("no cgroups are mounted: mount the cgroup2 file system on /sys/fs/cgroup");
    }

    /** A version 1 hierarchy is named by its controllers, or by {@code name=} when it has none. */
    private static List<String> controllersOf(MountInfo mount) {
        return mount.superOptions().stream()
                .filter(option -> !option.equals("rw")
                        && !option.equals("ro")
                        && !option.equals("xattr")
                        && !option.startsWith("release_agent=")
                        && !option.equals("clone_children"))
                .toList();
    }
}
