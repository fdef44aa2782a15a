package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.runtime.MountLaunch;
import io.berth.engine.runtime.MountLaunch.ReadOnly;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.Fd;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.OpenFlag;
import io.berth.linux.fd.Resolution;
import io.berth.linux.mount.DetachedMount;
import io.berth.linux.mount.FileSystemContext;
import io.berth.linux.mount.MountAttribute;
import io.berth.linux.mount.MountInfo;
import io.berth.linux.mount.Propagation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Something to be mounted in a container, attached nowhere yet. Paths of the host are resolved here, in the engine, before the
 * container is made; the child only gets the descriptor.
 *
 * @param mount owned
 * @param directory whether its root is a directory
 */
record MountSource(DetachedMount mount, boolean directory) implements AutoCloseable {
    private static final Set<MountAttribute> READ_ONLY = Set.of(MountAttribute.READ_ONLY);

    /** Flags of mount(8) that are attributes of the mount; the others are the file system's own. */
    private static final Map<String, MountAttribute> ATTRIBUTES = Map.of(
            "ro", MountAttribute.READ_ONLY,
            "nosuid", MountAttribute.NO_SUID,
            "nodev", MountAttribute.NO_DEVICES,
            "noexec", MountAttribute.NO_EXEC,
            "noatime", MountAttribute.NO_ACCESS_TIME,
            "nodiratime", MountAttribute.NO_DIRECTORY_ACCESS_TIME,
            "strictatime", MountAttribute.STRICT_ACCESS_TIME,
            "nosymfollow", MountAttribute.NO_SYMLINK_FOLLOW);

    private static final Set<String> FILE_SYSTEM_FLAGS = Set.of("sync", "dirsync", "lazytime", "noswap");

    /**
     * Opens it.
     *
     * @param users whose ids the container has
     * @throws LaunchFailure when there is no such source
     */
    static MountSource open(MountLaunch launch, Path emptyLayer, ContainerUsers users) {
        try {
            return switch (launch) {
                case MountLaunch.Bind bind -> bind(bind, users);
                case MountLaunch.Tmpfs tmpfs -> new MountSource(tmpfs(tmpfs, users), true);
                case MountLaunch.Image image -> image(image, emptyLayer, users);
            };
        } catch (SyscallException e) {
            throw new LaunchFailure(
                    LaunchFailure.Kind.SYSTEM,
                    "error mounting \"" + name(launch) + "\" to rootfs at \"" + launch.target() + "\": "
                            + e.getMessage(),
                    e);
        }
    }

    /** A text file of the engine's own. */
    static MountSource file(Path source, ContainerUsers users) {
        DetachedMount mount = DetachedMount.cloneOf(source, false);
        users.mapOwners(mount, false);
        return new MountSource(mount, false);
    }

    static String name(MountLaunch launch) {
        return switch (launch) {
            case MountLaunch.Bind bind -> bind.source().toString();
            case MountLaunch.Tmpfs _ -> "tmpfs";
            case MountLaunch.Image _ -> "image";
        };
    }

    private static MountSource bind(MountLaunch.Bind bind, ContainerUsers users) {
        checkPropagation(bind);
        try (FileHandle file = source(bind)) {
            DetachedMount mount = DetachedMount.cloneOf(file.fd(), bind.recursive());
            try {
                setPropagation(mount, bind, users);
                users.mapOwners(mount, bind.recursive());
                setReadOnly(mount, bind.readOnly());
                return new MountSource(mount, file.stat().isDirectory());
            } catch (RuntimeException e) {
                mount.close();
                throw e;
            }
        }
    }

    private static FileHandle source(MountLaunch.Bind bind) {
        // A path of the host, whose links are followed whatever they are.
        try (Directory host = Directory.open(Path.of("/"), new Resolution(0));
                FileHandle source = host.open(bind.source().toString(), Set.of(OpenFlag.PATH), 0)) {
            return bind.subpath().isEmpty()
                    ? new FileHandle(source.fd().duplicate())
                    : below(source.fd(), bind.source().resolve(bind.subpath()), bind.subpath());
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT) {
                throw new LaunchFailure(
                        LaunchFailure.Kind.SYSTEM,
                        "invalid mount config for type \"bind\": bind source path does not exist: " + bind.source(),
                        e);
            }
            throw e;
        }
    }

    /**
     * Opens what is below a volume's root and cannot lead out of it.
     *
     * @param shown for error messages
     */
    private static FileHandle below(Fd volume, Path shown, String subpath) {
        try (Directory root = Directory.own(volume.duplicate(), Resolution.BENEATH)) {
            return root.open(subpath, Set.of(OpenFlag.PATH), 0);
        } catch (SyscallException e) {
            String why = e.errno() == Errno.EXDEV
                    ? "path escapes from the volume"
                    : "lstat " + shown + ": " + Errno.text(e.errno()).toLowerCase(Locale.ROOT);
            throw new LaunchFailure(LaunchFailure.Kind.INVALID_SETTING, "cannot access path " + shown + ": " + why, e);
        }
    }

    /** Docker refuses what the kernel would silently not do: mounts travel from and to shared ones only. */
    private static void checkPropagation(MountLaunch.Bind bind) {
        boolean shared = bind.propagation() == MountLaunch.Propagation.SHARED
                || bind.propagation() == MountLaunch.Propagation.RSHARED;
        boolean slave = bind.propagation() == MountLaunch.Propagation.SLAVE
                || bind.propagation() == MountLaunch.Propagation.RSLAVE;
        if (!(shared || slave) || !Files.exists(bind.source())) {
            return;
        }
        MountInfo mount = MountInfo.containing(MountInfo.ofSelf(), real(bind.source()));
        if (mount == null || (mount.peerGroup() == 0 && (shared || mount.masterGroup() == 0))) {
            throw new LaunchFailure(
                    LaunchFailure.Kind.INVALID_SETTING,
                    "path " + bind.source() + " is mounted on " + (mount == null ? "/" : mount.mountPoint())
                            + " but it is not a shared" + (slave ? " or slave" : "") + " mount",
                    null);
        }
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException("cannot resolve " + path, e);
        }
    }

    private static void setPropagation(DetachedMount mount, MountLaunch.Bind bind, ContainerUsers users) {
        boolean recursive =
                switch (bind.propagation()) {
                    case RPRIVATE, RSHARED, RSLAVE -> bind.recursive();
                    case PRIVATE, SHARED, SLAVE -> false;
                };
        switch (bind.propagation()) {
            case PRIVATE, RPRIVATE -> mount.setPropagation(Propagation.PRIVATE, recursive);
            case SLAVE, RSLAVE -> mount.setPropagation(Propagation.SLAVE, recursive);
            case SHARED, RSHARED ->
                // A container that is nobody outside must not mount anything there either.
                mount.setPropagation(users.own() ? Propagation.SLAVE : Propagation.SHARED, recursive || users.own());
        }
    }

    private static void setReadOnly(DetachedMount mount, ReadOnly readOnly) {
        switch (readOnly) {
            case NO -> {
                // as it is
            }
            case TOP -> mount.setAttributes(READ_ONLY, Set.of(), false);
            case RECURSIVE -> mount.setAttributes(READ_ONLY, Set.of(), true);
            case RECURSIVE_IF_POSSIBLE -> {
                try {
                    mount.setAttributes(READ_ONLY, Set.of(), true);
                } catch (SyscallException e) {
                    mount.setAttributes(READ_ONLY, Set.of(), false);
                }
            }
        }
    }

    private static DetachedMount tmpfs(MountLaunch.Tmpfs tmpfs, ContainerUsers users) {
        Set<MountAttribute> attributes = EnumSet.noneOf(MountAttribute.class);
        try (FileSystemContext context = FileSystemContext.open("tmpfs")) {
            context.set("source", "tmpfs");
            for (String flag : tmpfs.flags()) {
                MountAttribute attribute = ATTRIBUTES.get(flag);
                if (attribute != null) {
                    attributes.add(attribute);
                } else if (FILE_SYSTEM_FLAGS.contains(flag)) {
                    context.set(flag);
                }
            }
            if (tmpfs.sizeBytes() > 0) {
                context.set("size", Long.toString(tmpfs.sizeBytes()));
            }
            context.set("mode", Integer.toOctalString(tmpfs.mode()));
            context.set("uid", Long.toString(users.outside(0)));
            context.set("gid", Long.toString(users.outside(0)));
            for (String option : tmpfs.options()) {
                setOption(context, option, users);
            }
            return context.create().mount(attributes);
        }
    }

    private static void setOption(FileSystemContext context, String option, ContainerUsers users) {
        int equals = option.indexOf('=');
        if (equals < 0) {
            context.set(option);
            return;
        }
        String key = option.substring(0, equals);
        String value = option.substring(equals + 1);
        boolean id = key.equals("uid") || key.equals("gid");
        context.set(key, id ? Long.toString(users.outside(Long.parseLong(value))) : value);
    }

    private static MountSource image(MountLaunch.Image image, Path emptyLayer, ContainerUsers users) {
        DetachedMount whole = ImageLayers.mount(image.layers(), emptyLayer, users);
        if (image.subpath().isEmpty()) {
            return new MountSource(whole, true);
        }
        try (whole;
                FileHandle file = below(whole.fd(), Path.of(image.subpath()), image.subpath())) {
            return new MountSource(
                    DetachedMount.cloneOf(file.fd(), false), file.stat().isDirectory());
        }
    }

    /** All of several, for a list that is being filled. */
    static void closeAll(List<MountSource> sources) {
        sources.forEach(MountSource::close);
    }

    @Override
    public void close() {
        mount.close();
    }
}
