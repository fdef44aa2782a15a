package io.berth.image.transfer;

import io.berth.image.store.NewImage;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import java.util.List;

/**
 * An image whose parts are all here, verified and held by a lease.
 *
 * @param config digest of the configuration
 * @param layers bottom first
 */
record FetchedImage(Digest config, Descriptor manifest, List<Descriptor> layers) {
    FetchedImage {
        layers = List.copyOf(layers);
    }

    NewImage named(List<ImageReference> references) {
        return new NewImage(config, manifest, layers, references);
    }
}
