package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.DeviceLaunch;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.linux.SyscallException;
import io.berth.linux.cgroup.DevicePolicy;
import io.berth.linux.cgroup.DeviceRule;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.DirectoryEntry;
import io.berth.linux.fd.FileStat;
import io.berth.linux.fd.FileType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Looks up the host's devices that containers are given (moby: daemon/pkg/oci/devices_linux.go; runc: devices.GetDevices). */
final class HostDevices {
    private static final Path DEV = Path.of("/dev");
    /** Of /dev: file systems of their own, and what containers have for themselves. */
    private static final Set<String> SKIPPED =
            Set.of("pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev", "console");

    private static final DeviceLaunch.Node EVERYTHING = new DeviceLaunch.Node("/dev", "/dev", "rwm");

    private HostDevices() {}

    /**
     * A device node as it is made in the container.
     *
     * @param path inside the container
     * @param mode type and permissions
     */
    record Node(String path, int mode, int major, int minor, long uid, long gid, String permissions) {
        DeviceRule rule() {
            DeviceRule.Type type =
                    FileType.ofMode(mode) == FileType.BLOCK_DEVICE ? DeviceRule.Type.BLOCK : DeviceRule.Type.CHARACTER;
            return new DeviceRule(type, major, minor, permissions);
        }
    }

    /**
     * The nodes that a container gets beside the usual ones.
     *
     * @param privileged whether it gets all of the host's
     * @throws LaunchFailure when one that is asked for does not exist, or is no device
     */
    static List<Node> resolve(DeviceLaunch devices, boolean privileged) {
        if (!privileged && devices.nodes().isEmpty()) {
            return List.of();
        }
        List<Node> nodes = new ArrayList<>();
        if (privileged) {
            try (Directory host = Directory.open(DEV)) {
                collect(host, "", EVERYTHING, nodes);
            }
        }
        for (DeviceLaunch.Node asked : devices.nodes()) {
            resolve(asked, nodes);
        }
        return nodes;
    }

    /** What a container with these may use. */
    static DevicePolicy policy(DeviceLaunch devices, List<Node> nodes, boolean privileged) {
        if (privileged) {
            return DevicePolicy.ALL;
        }
        List<DeviceRule> rules = new ArrayList<>();
        nodes.forEach(node -> rules.add(node.rule()));
        devices.rules().forEach(rule -> rules.add(DeviceRule.parse(rule)));
        return DevicePolicy.CONTAINER_DEFAULT.allowing(rules);
    }

    private static void resolve(DeviceLaunch.Node asked, List<Node> nodes) {
        try (Directory root = Directory.open(Path.of("/"))) {
            String path = asked.hostPath().substring(1);
            FileStat stat = root.statFollowing(path.isEmpty() ? "." : path);
            if (stat.isDirectory()) {
                int before = nodes.size();
                try (Directory directory = Directory.open(Path.of(asked.hostPath()))) {
                    collect(directory, "", asked, nodes);
                }
                if (nodes.size() > before) {
                    return;
                }
            } else if (isDevice(stat)) {
                nodes.add(node(asked.path(), stat, asked.permissions()));
                return;
            }
            throw failure(asked, "not a device node", null);
        } catch (SyscallException e) {
            throw failure(asked, io.berth.linux.Errno.text(e.errno()).toLowerCase(java.util.Locale.ROOT), e);
        }
    }

    private static LaunchFailure failure(DeviceLaunch.Node asked, String why, @Nullable Throwable cause) {
        return new LaunchFailure(
                LaunchFailure.Kind.INVALID_SETTING,
                "error gathering device information while adding custom device \"" + asked.hostPath() + "\": " + why,
                cause);
    }

    private static void collect(Directory directory, String below, DeviceLaunch.Node asked, List<Node> nodes) {
        for (DirectoryEntry entry : directory.list()) {
            if (SKIPPED.contains(entry.name())) {
                continue;
            }
            String path = below + "/" + entry.name();
            @Nullable FileStat stat = directory.statIfPresent(entry.name());
            if (stat == null) {
                continue;
            }
            if (stat.isDirectory()) {
                try (Directory child = directory.openDirectory(entry.name())) {
                    collect(child, path, asked, nodes);
                }
            } else if (isDevice(stat)) {
                nodes.add(node(asked.path() + path, stat, asked.permissions()));
            }
        }
    }

    private static boolean isDevice(FileStat stat) {
        return stat.type() == FileType.CHARACTER_DEVICE || stat.type() == FileType.BLOCK_DEVICE;
    }

    private static Node node(String path, FileStat stat, String permissions) {
        return new Node(path, stat.mode(), stat.rdevMajor(), stat.rdevMinor(), stat.uid(), stat.gid(), permissions);
    }
}
