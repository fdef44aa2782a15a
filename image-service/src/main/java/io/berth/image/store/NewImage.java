package io.berth.image.store;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An image about to be made of content that is already there, held by a lease.
 *
 * @param config digest of the configuration blob, which is the image's id
 * @param manifest the manifest it was pulled or loaded with, or null: then one is written for it
 * @param layers the compressed blobs, bottom first, one per diff id of the configuration; they may be absent from the
 *     content store only if the layer itself is unpacked and has another blob
 * @param references names to give it: with a tag, with a digest, or none. A tag that another image has is moved.
 */
public record NewImage(
        Digest config, @Nullable Descriptor manifest, List<Descriptor> layers, List<ImageReference> references) {
    public NewImage {
        layers = List.copyOf(layers);
        references = List.copyOf(references);
    }
}
