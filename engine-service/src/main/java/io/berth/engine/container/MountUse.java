package io.berth.engine.container;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.SystemFailure;
import io.berth.engine.event.EngineEvents;
import io.berth.engine.mount.ContainerMount;
import io.berth.engine.runtime.ContainerId;
import io.berth.engine.runtime.ContainerRuntime;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.secret.SecretFiles;
import io.berth.engine.volume.NoSuchVolume;
import io.berth.engine.volume.Volume;
import io.berth.engine.volume.Volumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** What a container's mounts need before it is created, before each start and after each end. Thread-safe. */
@Component
public final class MountUse {
    private static final Logger LOG = LoggerFactory.getLogger(MountUse.class);

    private final Volumes volumes;
    private final SecretFiles secrets;
    private final ContainerRuntime runtime;
    private final EngineEvents events;
    private final ConcurrentMap<String, ReentrantLock> filling = new ConcurrentHashMap<>();

    MountUse(Volumes volumes, SecretFiles secrets, ContainerRuntime runtime, EngineEvents events) {
        this.volumes = volumes;
        this.secrets = secrets;
        this.runtime = runtime;
        this.events = events;
    }

    /**
     * Gives empty volumes what the image has at their destinations.
     *
     * @throws SystemFailure when that fails
     */
    void fill(ContainerSpec spec) {
        for (ContainerMount mount : spec.mounts()) {
            if (mount.mountsVolume() && mount.copy() && mount.subpath().isEmpty()) {
                fill(spec, mount);
            }
        }
    }

    private void fill(ContainerSpec spec, ContainerMount mount) {
        Volume volume = volumes.given(mount.name());
        // Two containers that are created at once must not both find it empty.
        ReentrantLock lock = filling.computeIfAbsent(mount.name(), _ -> new ReentrantLock());
        lock.lock();
        try {
            Path path = volumes.beginUse(volume, spec.id());
            runtime.copyUp(spec.layerDirectories(), mount.destination(), path);
        } catch (LaunchFailure e) {
            throw new SystemFailure(String.valueOf(e.getMessage()), e);
        } finally {
            volumes.endUse(volume, spec.id());
            filling.remove(mount.name(), lock);
            lock.unlock();
        }
    }

    /**
     * Has everything there that is to be mounted: directories of binds that are to be made, file systems of volumes, and
     * secrets until {@link #mounted}.
     *
     * @throws ApiException when that fails; nothing is in use then
     */
    public void begin(ContainerSpec spec) {
        Set<Volume> begun = new LinkedHashSet<>();
        try {
            for (ContainerMount mount : spec.mounts()) {
                if (mount.bindsPath() && mount.bind().createSource()) {
                    makeSource(Path.of(mount.source()));
                }
                if (mount.mountsVolume()) {
                    Volume volume = volumes.given(mount.name());
                    Path _ = volumes.beginUse(volume, spec.id());
                    begun.add(volume);
                }
            }
            secrets.place(spec.id(), spec.secrets());
        } catch (ApiException e) {
            begun.forEach(volume -> volumes.endUse(volume, spec.id()));
            throw e;
        }
        for (ContainerMount mount : spec.mounts()) {
            if (mount.mountsVolume()) {
                publish(
                        "mount",
                        mount,
                        Map.of(
                                "container", spec.id(),
                                "destination", mount.destination(),
                                "driver", mount.driver(),
                                "propagation", mount.propagation(),
                                "read/write", Boolean.toString(mount.writable())));
            }
        }
    }

    /** The container runs, or could not be started: either way the secrets' names are not needed any more. */
    public void mounted(ContainerSpec spec) {
        try {
            secrets.clear(spec.id(), spec.secrets());
        } catch (SystemFailure e) {
            LOG.atError()
                    .setCause(e)
                    .addKeyValue("containerId", spec.id())
                    .log("secrets not unlinked; tried again when the engine starts");
        }
    }

    private static void makeSource(Path source) {
        // A link that leads nowhere is left for the mount to complain about.
        if (Files.exists(source) || Files.exists(source, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            makeDirectories(source.toAbsolutePath().normalize());
        } catch (IOException e) {
            throw new SystemFailure("error while creating mount source path '" + source + "': " + e.getMessage(), e);
        }
    }

    /** Containers' users are to reach it, whatever the engine's umask is. */
    private static void makeDirectories(Path directory) throws IOException {
        Path parent = directory.getParent();
        if (Files.isDirectory(directory) || parent == null) {
            return;
        }
        makeDirectories(parent);
        Files.createDirectory(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** The container has been running since before the engine started. */
    void resume(ContainerSpec spec) {
        for (ContainerMount mount : spec.mounts()) {
            if (mount.mountsVolume()) {
                try {
                    volumes.resumeUse(volumes.given(mount.name()), spec.id());
                } catch (NoSuchVolume e) {
                    LOG.atWarn()
                            .setCause(e)
                            .addKeyValue("containerId", spec.id())
                            .log("a running container's volume is gone");
                }
            }
        }
    }

    /** The container does not run any more. */
    public void end(ContainerSpec spec) {
        for (ContainerMount mount : spec.mounts()) {
            if (!mount.mountsVolume()) {
                continue;
            }
            try {
                volumes.endUse(volumes.given(mount.name()), spec.id());
            } catch (ApiException e) {
                LOG.atWarn()
                        .setCause(e)
                        .addKeyValue("containerId", spec.id())
                        .addKeyValue("volume", mount.name())
                        .log("volume not unmounted; tried again when the engine starts");
            }
            publish("unmount", mount, Map.of("container", spec.id(), "driver", mount.driver()));
        }
    }

    private void publish(String action, ContainerMount mount, Map<String, String> attributes) {
        events.publish("volume", action, mount.name(), attributes);
    }

    private static List<String> anonymous(ContainerSpec spec) {
        return spec.mounts().stream()
                .filter(mount -> mount.mountsVolume() && mount.anonymous())
                .map(ContainerMount::name)
                .distinct()
                .toList();
    }

    /** The container is about to go, and its volumes that nobody has named are to stay. */
    void keepAnonymous(ContainerSpec spec) {
        if (!anonymous(spec).isEmpty()) {
            volumes.keepOwned(spec.id());
        }
    }

    /** The engine starts: volumes go that nobody has named and whose container is none of these. */
    void removeOwnerless(Set<ContainerId> known) {
        volumes.removeOwnerless(known.stream().map(ContainerId::value).collect(Collectors.toSet()));
    }

    /** The container is gone: with it go its volumes that nobody has named, unless others use them. */
    void removeAnonymous(ContainerSpec spec) {
        for (String name : anonymous(spec)) {
            try {
                if (!volumes.removeUnlessUsed(name)) {
                    volumes.keepOwned(spec.id());
                }
            } catch (ApiException e) {
                LOG.atError().setCause(e).addKeyValue("volume", name).log("anonymous volume not removed");
            }
        }
    }
}
