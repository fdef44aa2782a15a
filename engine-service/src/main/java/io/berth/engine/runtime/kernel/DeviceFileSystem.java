package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.kernel.ContainerProgram.Device;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileType;
import io.berth.linux.mount.DetachedMount;
import io.berth.linux.mount.FileSystemContext;
import io.berth.linux.mount.MountAttribute;
import java.util.List;
import java.util.Set;

/**
 * The /dev of a container with user ids of its own. Nobody in a user namespace can make a device, or use one in a file system
 * that was mounted there, so the engine makes both; the container's root owns them and cannot make more.
 */
final class DeviceFileSystem {
    private static final Set<MountAttribute> ATTRIBUTES =
            Set.of(MountAttribute.NO_SUID, MountAttribute.STRICT_ACCESS_TIME);
    private static final int EVERYBODY = 0666;

    private DeviceFileSystem() {}

    /** Makes it, with the devices that every container has, attached nowhere. */
    static DetachedMount mount(List<Device> devices, ContainerUsers users) {
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
                return mount;
            } catch (RuntimeException e) {
                mount.close();
                throw e;
            }
        }
    }
}
