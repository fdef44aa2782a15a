package io.berth.image.exchange;

import io.berth.image.content.ContentStore;
import io.berth.image.layer.Layer;
import io.berth.image.layer.LayerStore;
import io.berth.image.lease.Lease;
import io.berth.image.lease.Leases;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.image.store.NewImage;
import io.berth.oci.Digest;
import io.berth.oci.ImageConfig;
import io.berth.oci.ImageReference;
import io.berth.oci.OciJson;
import io.berth.oci.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Makes an image of one layer from the archive of a root file system. */
@Component
public final class ImageImporter {
    private final ImageStore images;
    private final LayerStore layers;
    private final ContentStore content;
    private final Leases leases;

    ImageImporter(ImageStore images, LayerStore layers, ContentStore content, Leases leases) {
        this.images = images;
        this.layers = layers;
        this.content = content;
        this.leases = leases;
    }

    /**
     * Imports.
     *
     * @param archive of any supported compression
     * @param changes Dockerfile instructions, see {@link ConfigChanges}
     * @param name to give it, if any
     * @throws io.berth.docker.error.InvalidParameter for a malformed archive or instruction; nothing is left
     */
    public Image importArchive(
            InputStream archive, Platform platform, String message, List<String> changes, Optional<ImageReference> name)
            throws IOException {
        ImageConfig.Execution execution = ConfigChanges.apply(changes);
        try (Lease lease = leases.open()) {
            Layer layer = layers.add(lease, null, () -> archive);
            String now = Instant.now().toString();
            ImageConfig config = new ImageConfig(
                    now,
                    null,
                    platform.architecture(),
                    platform.variant(),
                    platform.os(),
                    null,
                    null,
                    execution,
                    new ImageConfig.RootFs("layers", List.of(layer.diffId())),
                    List.of(new ImageConfig.History(now, null, null, message, null)),
                    null,
                    message);
            Digest id = content.put(lease, OciJson.MAPPER.writeValueAsBytes(config));
            return images.create(
                    lease,
                    new NewImage(id, null, List.of(layer.blob()), name.stream().toList()));
        }
    }
}
