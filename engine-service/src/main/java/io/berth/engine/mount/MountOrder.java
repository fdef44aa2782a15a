package io.berth.engine.mount;

import io.berth.engine.mount.ContainerMount.ImageSource;
import io.berth.engine.runtime.MountLaunch;
import io.berth.engine.runtime.MountLaunch.Propagation;
import io.berth.engine.runtime.MountLaunch.ReadOnly;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Hands a container's mounts to the kernel: a parent before what is below it. */
public final class MountOrder {
    private MountOrder() {}

    /**
     * All mounts of a container.
     *
     * @param tmpfs HostConfig.Tmpfs: options by destination; it counts where one of the mounts has the same destination
     * @throws io.berth.docker.error.InvalidParameter for options of a tmpfs that make no sense
     */
    public static List<MountLaunch> of(List<ContainerMount> mounts, @Nullable Map<String, String> tmpfs) {
        Map<String, MountLaunch> byDestination = new LinkedHashMap<>();
        for (ContainerMount mount : mounts) {
            byDestination.put(mount.destination(), launch(mount));
        }
        for (Map.Entry<String, String> memory : (tmpfs == null ? Map.<String, String>of() : tmpfs).entrySet()) {
            String destination = CleanPath.of(memory.getKey());
            byDestination.put(destination, TmpfsText.parse(destination, memory.getValue()));
        }
        List<MountLaunch> all = new ArrayList<>(byDestination.values());
        all.sort(Comparator.comparingInt((MountLaunch mount) -> CleanPath.depth(mount.target()))
                .thenComparing(MountLaunch::target));
        return List.copyOf(all);
    }

    private static MountLaunch launch(ContainerMount mount) {
        return switch (mount.type()) {
            case ContainerMount.TMPFS -> TmpfsText.parse(mount.destination(), mount.tmpfsOptions());
            case ContainerMount.IMAGE -> {
                @Nullable ImageSource image = mount.image();
                if (image == null) {
                    throw new IllegalStateException("image mount without its image: " + mount.destination());
                }
                yield new MountLaunch.Image(
                        mount.destination(),
                        image.layers().stream().map(Path::of).toList(),
                        mount.subpath());
            }
            default ->
                new MountLaunch.Bind(
                        Path.of(mount.source()),
                        mount.subpath(),
                        mount.destination(),
                        !mount.bind().nonRecursive(),
                        readOnly(mount),
                        propagation(mount.propagation()));
        };
    }

    private static ReadOnly readOnly(ContainerMount mount) {
        if (mount.writable()) {
            return ReadOnly.NO;
        }
        if (mount.bind().readOnlyForceRecursive()) {
            return ReadOnly.RECURSIVE;
        }
        return mount.bind().readOnlyNonRecursive() ? ReadOnly.TOP : ReadOnly.RECURSIVE_IF_POSSIBLE;
    }

    private static Propagation propagation(String word) {
        return word.isEmpty() ? Propagation.RPRIVATE : Propagation.valueOf(word.toUpperCase(Locale.ROOT));
    }
}
