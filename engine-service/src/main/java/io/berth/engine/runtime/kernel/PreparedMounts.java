package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.ContainerLaunch;
import io.berth.engine.runtime.MountLaunch;
import io.berth.engine.runtime.kernel.MountTargets.Target;
import io.berth.linux.fd.Directory;
import io.berth.linux.launch.FdArgument;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything that is mounted in one container beside its root and the kernel's file systems: sources opened and places found
 * before the container is made. Owns the sources' descriptors; those that the container has attached stay mounted there.
 */
final class PreparedMounts implements AutoCloseable {
    private final List<MountSource> sources = new ArrayList<>();
    private final List<MountProgram.Attachment> attachments = new ArrayList<>();

    private final List<Target> directories = new ArrayList<>();

    private PreparedMounts() {}

    /**
     * Opens sources and makes places.
     *
     * @param root the container's, which nobody else uses yet
     * @throws io.berth.engine.runtime.LaunchFailure when a source is missing, or a place refused
     */
    static PreparedMounts open(ContainerLaunch launch, Directory root, Path emptyLayer, ContainerUsers users) {
        PreparedMounts mounts = new PreparedMounts();
        try {
            MountTargets targets = new MountTargets(root);
            Set<String> taken = new HashSet<>();
            for (MountLaunch mount : launch.mounts()) {
                taken.add(Path.of(mount.target()).normalize().toString());
                mounts.add(
                        MountSource.open(mount, emptyLayer, users),
                        mount.target(),
                        MountSource.name(mount),
                        true,
                        targets);
            }
            for (Map.Entry<String, Path> file : launch.files().entrySet()) {
                if (!taken.contains(file.getKey())) {
                    MountSource source = MountSource.file(file.getValue(), users);
                    mounts.add(source, file.getKey(), file.getValue().toString(), false, targets);
                }
            }
            String workingDirectory = launch.process().workingDirectory();
            if (!launch.mounts().isEmpty() && !workingDirectory.isEmpty()) {
                targets.inMount(workingDirectory).ifPresent(mounts.directories::add);
            }
            return mounts;
        } catch (RuntimeException e) {
            mounts.close();
            throw e;
        }
    }

    private void add(MountSource source, String target, String name, boolean users, MountTargets targets) {
        sources.add(source);
        Target place = targets.place(target, source.directory());
        attachments.add(new MountProgram.Attachment(
                FdArgument.of(source.mount().fd()), place, source.directory(), name, users));
    }

    MountProgram program() {
        return new MountProgram(attachments, directories);
    }

    @Override
    public void close() {
        MountSource.closeAll(sources);
    }
}
