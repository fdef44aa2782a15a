package io.berth.image.store;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import jakarta.persistence.Embeddable;

/** One layer of an image: what is unpacked and which compressed blob the image's manifest names. */
@Embeddable
class LayerBlob {
    private String diffId;
    private String blobDigest;
    private String mediaType;
    private long blobSize;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected LayerBlob() {}

    LayerBlob(Digest diffId, Descriptor blob) {
        this.diffId = diffId.toString();
        this.blobDigest = blob.digest().toString();
        this.mediaType = blob.mediaType();
        this.blobSize = blob.size();
    }

    String diffId() {
        return diffId;
    }

    Descriptor blob() {
        return Descriptor.of(mediaType, Digest.parse(blobDigest), blobSize);
    }
}
