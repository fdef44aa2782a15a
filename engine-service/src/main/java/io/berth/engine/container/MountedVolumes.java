package io.berth.engine.container;

import io.berth.engine.mount.ContainerMount;
import io.berth.engine.volume.VolumeUsers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.springframework.stereotype.Component;

/** Which containers use which volumes, as their specs say. */
@Component
final class MountedVolumes implements VolumeUsers {
    private final Containers containers;

    MountedVolumes(Containers containers) {
        this.containers = containers;
    }

    @Override
    public Map<String, SortedSet<String>> byVolume() {
        Map<String, SortedSet<String>> users = new HashMap<>();
        for (Container container : containers.all()) {
            for (ContainerMount mount : container.snapshot().spec().mounts()) {
                if (mount.mountsVolume()) {
                    users.computeIfAbsent(mount.name(), _ -> new TreeSet<>())
                            .add(container.id().value());
                }
            }
        }
        return users;
    }

    @Override
    public List<String> shown(Set<String> containerIds) {
        return containerIds.stream().filter(containers::isThere).toList();
    }
}
