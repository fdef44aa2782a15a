package io.berth.engine.runtime.kernel;

import io.berth.linux.mount.DetachedMount;
import io.berth.linux.mount.MountAttribute;
import io.berth.linux.mount.OverlayMount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** An image's files without a container: its layers as a read-only overlay that is attached nowhere. */
final class ImageLayers {
    private ImageLayers() {}

    /**
     * Mounts them.
     *
     * @param layers bottom first
     * @param emptyLayer lies below all: the kernel wants two layers at least where none is writable
     */
    static DetachedMount mount(List<Path> layers, Path emptyLayer) {
        return mount(layers, emptyLayer, ContainerUsers.HOST);
    }

    /** Mounts them as a container sees them whose ids are these. */
    static DetachedMount mount(List<Path> layers, Path emptyLayer, ContainerUsers users) {
        List<Path> lower = new ArrayList<>(layers.reversed());
        lower.add(emptyLayer);
        if (lower.size() == 1) {
            return DetachedMount.cloneOf(emptyLayer, false);
        }
        OverlayMount overlay = new OverlayMount(lower, null, null, Set.of());
        Set<MountAttribute> readOnly = Set.of(MountAttribute.READ_ONLY);
        return users.namespace()
                .map(namespace -> overlay.mountMapped(readOnly, namespace))
                .orElseGet(() -> overlay.mountDetached(readOnly));
    }
}
