package io.berth.engine.container;

import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.HostConfig;
import io.berth.docker.container.Mount;
import io.berth.docker.container.Mount.DriverConfig;
import io.berth.docker.container.Mount.VolumeOptions;
import io.berth.docker.error.InvalidParameter;
import io.berth.engine.image.Images;
import io.berth.engine.mount.ContainerMount;
import io.berth.engine.mount.ContainerMount.ImageSource;
import io.berth.engine.mount.MountParser;
import io.berth.engine.mount.MountParser.VolumesFrom;
import io.berth.engine.runtime.ContainerId;
import io.berth.engine.volume.Volume;
import io.berth.engine.volume.Volumes;
import io.berth.node.ResolvedImage;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Settles what a new container has mounted, and makes the volumes that do not exist yet (moby: daemon/volumes.go,
 * registerMountPoints): first what it takes over from other containers, over that its binds and mounts, and where nothing is
 * yet, a volume for each path that image or user want kept apart.
 */
@Component
final class ContainerMounts {
    /** Named volumes without options show this, which is about SELinux and means nothing here. */
    private static final String SHARED_LABEL = "z";

    private final Containers containers;
    private final Volumes volumes;
    private final Images images;
    private final MountParser parser = new MountParser();

    ContainerMounts(Containers containers, Volumes volumes, Images images) {
        this.containers = containers;
        this.volumes = volumes;
        this.images = images;
    }

    /**
     * Settles a container's mounts. The volumes among them are held for it.
     *
     * @param config with the image's defaults merged in
     * @param readOnlyAtTop whether mounts below a read-only bind stay writable unless told otherwise, as clients before 1.44
     *     expect
     * @return by destination
     * @throws InvalidParameter for what is wrong, in moby's words
     */
    List<ContainerMount> settle(ContainerId id, ContainerConfig config, HostConfig host, boolean readOnlyAtTop) {
        Map<String, ContainerMount> settled = new TreeMap<>();
        for (String spec : orEmpty(host.volumesFrom())) {
            takeOver(id, MountParser.volumesFrom(spec), settled);
        }
        Set<String> taken = new HashSet<>();
        for (String raw : orEmpty(host.binds())) {
            ContainerMount bind = parser.bind(raw, host.volumeDriver());
            boolean inMemory = host.tmpfs() != null && host.tmpfs().containsKey(bind.destination());
            if (inMemory || !taken.add(bind.destination())) {
                throw duplicate(bind.destination());
            }
            settled.put(bind.destination(), atTop(named(id, bind, null), readOnlyAtTop));
        }
        for (Mount mount : orEmpty(host.mounts())) {
            ContainerMount parsed = parser.mount(mount);
            if (!taken.add(parsed.destination())) {
                throw duplicate(mount.target());
            }
            settled.put(parsed.destination(), atTop(named(id, parsed, mount), readOnlyAtTop));
        }
        for (String destination : (config.volumes() == null ? Map.<String, Object>of() : config.volumes()).keySet()) {
            MountParser.checkDestination(destination);
            ContainerMount anonymous = ContainerMount.anonymousVolume(destination);
            if (!settled.containsKey(anonymous.destination())) {
                Volume volume = volumes.create(Volumes.Order.anonymous(host.volumeDriver()), id.value());
                settled.put(anonymous.destination(), with(anonymous, volume, ""));
            }
        }
        return List.copyOf(settled.values());
    }

    private void takeOver(ContainerId id, VolumesFrom from, Map<String, ContainerMount> settled) {
        Container other;
        try {
            other = containers.find(from.container());
        } catch (NoSuchContainer e) {
            // Not found would tell clients that the image is missing, and make them pull it.
            throw new InvalidParameter(e.text(), e);
        }
        for (ContainerMount mount : other.snapshot().spec().mounts()) {
            if (mount.mountsVolume()) {
                Volume _ = volumes.hold(mount.name(), id.value());
            }
            settled.put(mount.destination(), mount.shared(from.writable()));
        }
        if (containers.byId(other.id()).isEmpty()) {
            // It may have gone with its volumes before they were held, and what is held be others of their names.
            throw new InvalidParameter(new NoSuchContainer(from.container()).text());
        }
    }

    private ContainerMount named(ContainerId id, ContainerMount mount, @Nullable Mount spec) {
        return switch (mount.type()) {
            case ContainerMount.VOLUME -> {
                Optional<VolumeOptions> options = Optional.ofNullable(spec).map(Mount::volumeOptions);
                Volume volume = volumes.create(
                        new Volumes.Order(
                                mount.name(),
                                mount.driver(),
                                options.map(VolumeOptions::driverConfig)
                                        .map(DriverConfig::options)
                                        .orElse(null),
                                options.map(VolumeOptions::labels).orElse(null)),
                        id.value());
                yield with(mount, volume, mount.mode().isEmpty() ? SHARED_LABEL : mount.mode());
            }
            case ContainerMount.IMAGE -> {
                ResolvedImage image = images.resolve(mount.source(), "");
                yield mount.withImage(new ImageSource(image.imageId().toString(), image.layers()));
            }
            default -> mount;
        };
    }

    private ContainerMount with(ContainerMount mount, Volume volume, String mode) {
        return mount.withVolume(volume.name(), volumes.path(volume).toString(), Volume.DRIVER, mode);
    }

    private static ContainerMount atTop(ContainerMount mount, boolean readOnlyAtTop) {
        return readOnlyAtTop && mount.bindsPath() && !mount.writable() ? mount.readOnlyAtTop() : mount;
    }

    private static InvalidParameter duplicate(String destination) {
        return new InvalidParameter("Duplicate mount point: " + destination);
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
