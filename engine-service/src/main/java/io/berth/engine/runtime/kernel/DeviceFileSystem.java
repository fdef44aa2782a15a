package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.kernel.ContainerProgram.Device;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileType;
import io.berth.linux.mount.DetachedMount;
import io.berth.linux.mount.FileSystemContext;
import io.berth.linux.mount.MountAttribute;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * The /dev of a container with user ids of its own. Nobody in a user namespace can make a device, or use one in a file system
 * that was mounted there, so the engine makes both; the container's root owns them and cannot make more. Devices that belong
 * elsewhere lie here under a name of their own until they are mounted there.
 */
final class DeviceFileSystem {
    private static final Set<MountAttribute> ATTRIBUTES =
            Set.of(MountAttribute.NO_SUID, MountAttribute.STRICT_ACCESS_TIME);
    private static final int EVERYBODY = 0666;
    private static final String DEV = "/dev/";
    private static final int PERMISSIONS = 07777;

    private DeviceFileSystem() {}

    /**
     * Makes it, attached nowhere.
     *
     * @param devices that every container has
     * @param nodes further ones; who owns them has the same ids inside as outside
     * @throws io.berth.engine.runtime.LaunchFailure when the container has no such ids
     */
    static DetachedMount mount(List<Device> devices, List<HostDevices.Node> nodes, ContainerUsers users) {
        String owner = Long.toString(users.outside(0));
        try (FileSystemContext tmpfs = FileSystemContext.open("tmpfs")) {
            DetachedMount mount = tmpfs.set("mode", "755")
                    .set("size", "65536k")
                    .set("uid", owner)
                    .set("gid", owner)
                    .create()
                    .mount(ATTRIBUTES);
            try (Directory root = mount.openRoot()) {
                for (Device device : devices) {
                    root.mknod(device.name(), FileType.CHARACTER_DEVICE, EVERYBODY, device.major(), device.minor());
                    root.chown(device.name(), users.outside(0), users.outside(0));
                    root.chmod(device.name(), EVERYBODY);
                }
                for (int i = 0; i < nodes.size(); i++) {
                    make(root, nodes.get(i), i, users);
                }
                return mount;
            } catch (RuntimeException e) {
                mount.close();
                throw e;
            }
        }
    }

    private static void make(Directory root, HostDevices.Node node, int index, ContainerUsers users) {
        String path = place(node, index).substring(DEV.length());
        if (root.statIfPresent(path) != null) {
            return; // what every container has stays as it is
        }
        int slash = path.indexOf('/');
        while (slash > 0) {
            String parent = path.substring(0, slash);
            if (root.statIfPresent(parent) == null) {
                root.mkdir(parent, 0755);
                root.chown(parent, users.outside(0), users.outside(0));
                root.chmod(parent, 0755);
            }
            slash = path.indexOf('/', slash + 1);
        }
        root.mknod(path, FileType.ofMode(node.mode()), node.mode() & PERMISSIONS, node.major(), node.minor());
        root.chown(path, users.outside(node.uid()), users.outside(node.gid()));
        root.chmod(path, node.mode() & PERMISSIONS);
    }

    /** Whether a device is to be mounted where it belongs. */
    static boolean belongsElsewhere(HostDevices.Node node) {
        return !clean(node).startsWith(DEV);
    }

    /**
     * Where in the container a device is made.
     *
     * @param index among those that are asked for
     */
    static String place(HostDevices.Node node, int index) {
        return belongsElsewhere(node) ? DEV + ".device" + index : clean(node);
    }

    private static String clean(HostDevices.Node node) {
        return Path.of(node.path()).normalize().toString();
    }
}
