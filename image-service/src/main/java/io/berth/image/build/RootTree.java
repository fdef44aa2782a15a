package io.berth.image.build;

import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileStat;
import io.berth.linux.mount.DetachedMount;
import io.berth.linux.mount.MountAttribute;
import io.berth.linux.mount.OverlayMount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The files of some layers as one tree, mounted as an overlay that is attached nowhere: the kernel merges, hides and copies up, and
 * no path in it leads to a file of the host. Closing it unmounts it.
 */
public final class RootTree implements AutoCloseable {
    private final @Nullable DetachedMount mount;
    private final Directory root;

    private RootTree(@Nullable DetachedMount mount, Directory root) {
        this.mount = mount;
        this.root = root;
    }

    /**
     * Mounts layers with a new one on top.
     *
     * @param layers bottom first; may be empty
     * @param stage an empty directory; {@code upper}, which gets what is written, is made in it, and {@code work} and {@code none}
     */
    static RootTree writable(List<Path> layers, Path stage) {
        Path none = stage.resolve("none");
        try (Directory made = Directory.open(stage)) {
            made.mkdir("upper", 0755);
            made.chmod("upper", 0755);
            made.mkdir("work", 0700);
            made.mkdir("none", 0755);
            made.chmod("none", 0755);
            if (!layers.isEmpty()) {
                // The overlay's root takes owner and mode from the upper directory.
                try (Directory top = Directory.open(layers.getLast())) {
                    FileStat stat = top.stat(".");
                    made.chown("upper", stat.uid(), stat.gid());
                    made.chmod("upper", stat.permissions());
                }
            }
        }
        List<Path> lower = layers.isEmpty() ? List.of(none) : layers.reversed();
        return mounted(
                new OverlayMount(lower, upper(stage), stage.resolve("work"), Set.of(OverlayMount.Option.VOLATILE)),
                Set.of());
    }

    /** Where what is written to a writable tree goes. */
    static Path upper(Path stage) {
        return stage.resolve("upper");
    }

    /**
     * Mounts layers to be read.
     *
     * @param empty a directory without files
     */
    static RootTree readOnly(List<Path> layers, Path empty) {
        if (layers.isEmpty()) {
            return new RootTree(null, Directory.open(empty));
        }
        List<Path> lower = new ArrayList<>(layers.reversed());
        lower.add(empty);
        return mounted(new OverlayMount(lower, null, null, Set.of()), Set.of(MountAttribute.READ_ONLY));
    }

    private static RootTree mounted(OverlayMount overlay, Set<MountAttribute> attributes) {
        DetachedMount mount = overlay.mountDetached(attributes);
        try {
            return new RootTree(mount, mount.openRoot());
        } catch (RuntimeException e) {
            mount.close();
            throw e;
        }
    }

    /** Its root, to look below; this object owns it. */
    public Directory root() {
        return root;
    }

    @Override
    public void close() {
        root.close();
        if (mount != null) {
            mount.close();
        }
    }
}
