package io.berth.image.build;

import io.berth.archive.TarWriter;
import io.berth.archive.TreeArchiver;
import io.berth.image.cache.CacheMounts;
import io.berth.image.cache.CacheMounts.CacheMount;
import io.berth.image.data.DataDirectory;
import io.berth.image.layer.Layer;
import io.berth.image.layer.LayerStore;
import io.berth.linux.fd.Directory;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/** Makes layers of what is in cache mounts, to carry them elsewhere. Thread-safe. */
@Component
final class MountLayers {
    private static final int BUFFER = 256 * 1024;

    private final CacheMounts mounts;
    private final LayerStore layers;
    private final DataDirectory data;

    MountLayers(CacheMounts mounts, LayerStore layers, DataDirectory data) {
        this.mounts = mounts;
        this.layers = layers;
        this.data = data;
    }

    /**
     * The caches that a build's commands had mounted, by id, as they are now; nobody else uses one meanwhile.
     *
     * @param built holds the layers
     */
    Map<String, Layer> of(BuiltImage built) throws IOException, InterruptedException {
        Map<String, Layer> all = new TreeMap<>();
        for (CacheMountUse.Used used : built.cacheMounts()) {
            Optional<CacheMount> mount = mounts.existing(used.key());
            if (mount.isPresent()) {
                try (CacheMount taken = mount.get()) {
                    all.put(used.id(), layer(built, taken.directory()));
                }
            } else if (used.imported() != null) {
                all.put(used.id(), used.imported());
            }
        }
        return all;
    }

    private Layer layer(BuiltImage built, Path directory) throws IOException {
        Path archive = Files.createTempFile(data.uploads(), "cache-mount", ".tar");
        try {
            try (TarWriter tar = new TarWriter(new BufferedOutputStream(Files.newOutputStream(archive), BUFFER));
                    Directory root = Directory.open(directory)) {
                TreeArchiver.of(tar, _ -> false).addContents(root, "");
            }
            return layers.add(built.lease(), null, () -> Files.newInputStream(archive));
        } finally {
            Files.delete(archive);
        }
    }
}
