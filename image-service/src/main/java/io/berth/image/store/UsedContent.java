package io.berth.image.store;

import io.berth.json.Frozen;
import io.berth.oci.Digest;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * What images refer to, at one moment.
 *
 * @param blobs configurations, manifests and compressed layers
 * @param diffIds unpacked layers
 */
public record UsedContent(Set<Digest> blobs, Set<Digest> diffIds) {
    public UsedContent {
        blobs = Frozen.set(blobs);
        diffIds = Frozen.set(diffIds);
    }

    UsedContent withBlobs(Set<Digest> more) {
        Set<Digest> all = new HashSet<>(blobs);
        all.addAll(more);
        return new UsedContent(all, diffIds);
    }

    static UsedContent of(Collection<ImageEntity> images) {
        Set<Digest> blobs = new HashSet<>();
        Set<Digest> diffIds = new HashSet<>();
        for (ImageEntity image : images) {
            blobs.add(Digest.parse(image.id()));
            blobs.add(image.manifest().digest());
            for (LayerBlob layer : image.layers()) {
                blobs.add(layer.blob().digest());
                diffIds.add(Digest.parse(layer.diffId()));
            }
        }
        return new UsedContent(blobs, diffIds);
    }
}
