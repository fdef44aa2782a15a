package io.berth.linux.mount;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.Fd;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An overlay of directories of the host: what image layers and a container's writable layer become
 * (Documentation/filesystems/overlayfs.rst).
 *
 * <p>Always set, because the upper directory must be a layer that stands for itself (commit, build) and the lower ones come
 * from strangers: {@code metacopy=off} (no files whose data is elsewhere), {@code redirect_dir=nofollow} (renaming a lower
 * directory gives EXDEV, which tools handle by copying, and redirects planted in an image's attributes lead nowhere) and
 * {@code index=off} (the same layers may be mounted by many containers at once).
 *
 * @param lowerLayers at least one, <b>topmost first</b>, as the kernel orders them. The kernel takes no directory twice (ELOOP), and
 *     images do have a layer twice, such as one without any change: only the topmost is kept, which hides and shows the same
 * @param upper the writable layer, or null for a read-only overlay
 * @param work an empty directory on the upper's file system, exactly when there is an upper
 * @param options what else is wanted
 */
public record OverlayMount(
        List<Path> lowerLayers,
        @Nullable Path upper,
        @Nullable Path work,
        Set<Option> options) {
    /** Further options. */
    public enum Option {
        /** Whiteouts and the rest in {@code user.overlay.*} attributes: for a mount made inside a user namespace. */
        USER_XATTR("userxattr"),
        /** No syncing of the upper: faster, and after a crash of the host the upper is to be thrown away. */
        VOLATILE("volatile");

        private final String parameter;

        Option(String parameter) {
            this.parameter = parameter;
        }

        String parameter() {
            return parameter;
        }
    }

    /** Parameters that every overlay gets. */
    static final List<String> FIXED = List.of("metacopy=off", "redirect_dir=nofollow", "index=off");

    public OverlayMount {
        lowerLayers = lowerLayers.stream().distinct().toList();
        options = Set.copyOf(options);
        if (lowerLayers.isEmpty()) {
            throw new IllegalArgumentException("overlay: no lower layer (expected: at least one)");
        }
        if ((upper == null) != (work == null)) {
            throw new IllegalArgumentException("overlay: upper and work directory come together");
        }
    }

    /**
     * Mounts it without attaching it anywhere.
     *
     * <p>Each layer is a parameter of its own ({@code lowerdir+}, kernel 6.7), so their number is limited only by the kernel
     * (500). Older kernels get one option string of short names, which holds some 200 layers.
     *
     * @throws SyscallException with the kernel's own explanation where it gives one
     */
    public DetachedMount mountDetached(Set<MountAttribute> attributes) {
        try (FileSystemContext context = FileSystemContext.open("overlay")) {
            try {
                addLayer(context, "lowerdir+", lowerLayers.getFirst());
            } catch (SyscallException e) {
                if (e.errno() != Errno.EINVAL) {
                    throw e;
                }
                return new LegacyOverlay(this).mountDetached(attributes);
            }
            for (Path layer : lowerLayers.subList(1, lowerLayers.size())) {
                addLayer(context, "lowerdir+", layer);
            }
            if (upper != null && work != null) {
                addLayer(context, "upperdir", upper);
                addLayer(context, "workdir", work);
            }
            return finish(context, attributes);
        }
    }

    /**
     * Mounts it so that owners of files are mapped by a user namespace, on every layer: what is 0 on disk is the namespace's
     * root outside, and stays 0 on disk. Layers are not changed. The caller must be a user who has a place in the map
     * ({@link io.berth.linux.process.FileSystemUser}), or the upper layer is read-only. Kernel 6.13.
     *
     * @throws SyscallException with the kernel's own explanation where it gives one; EINVAL where a layer's file system
     *     cannot map owners
     */
    public DetachedMount mountMapped(Set<MountAttribute> attributes, Fd userNamespace) {
        // The kernel copies the mounts only when it makes the file system: they have to live until then.
        List<DetachedMount> held = new ArrayList<>();
        try (FileSystemContext context = FileSystemContext.open("overlay")) {
            for (Path layer : lowerLayers) {
                DetachedMount mount = mapped(layer, userNamespace);
                held.add(mount);
                context.set("lowerdir+", mount.fd());
            }
            if (upper != null && work != null) {
                Path parent = upper.toAbsolutePath().getParent();
                if (parent == null || !parent.equals(work.toAbsolutePath().getParent())) {
                    throw new IllegalArgumentException("overlay: upper and work directory are to be side by side");
                }
                // Both have to be on one mount, so it is made of what holds them.
                DetachedMount mount = mapped(parent, userNamespace);
                held.add(mount);
                try (Directory root = mount.openRoot();
                        Directory upperDirectory =
                                root.openDirectory(upper.getFileName().toString());
                        Directory workDirectory =
                                root.openDirectory(work.getFileName().toString())) {
                    context.set("upperdir", upperDirectory.fd());
                    context.set("workdir", workDirectory.fd());
                }
            }
            return finish(context, attributes);
        } finally {
            held.forEach(DetachedMount::close);
        }
    }

    private static DetachedMount mapped(Path directory, Fd userNamespace) {
        DetachedMount mount = DetachedMount.cloneOf(directory, false);
        try {
            mount.mapOwners(userNamespace, false);
            return mount;
        } catch (SyscallException e) {
            mount.close();
            throw e;
        }
    }

    private DetachedMount finish(FileSystemContext context, Set<MountAttribute> attributes) {
        for (String parameter : FIXED) {
            int equals = parameter.indexOf('=');
            context.set(parameter.substring(0, equals), parameter.substring(equals + 1));
        }
        for (Option option : options) {
            context.set(option.parameter());
        }
        return context.create().mount(attributes);
    }

    private static void addLayer(FileSystemContext context, String key, Path directory) {
        String path = directory.toString();
        // upperdir and workdir are unescaped by the kernel; a string parameter is cut off at 255 bytes by refusing it.
        boolean plain = path.indexOf('\\') < 0 && path.length() * 3 < FileSystemContext.MAX_STRING;
        if (plain) {
            context.set(key, path);
            return;
        }
        try (Directory layer = Directory.open(directory)) {
            context.set(key, "/proc/self/fd/" + layer.fd().value());
        }
    }
}
