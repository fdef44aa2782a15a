package io.berth.image.layer;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.nio.file.Path;

/** The row that makes an unpacked directory visible; written last, removed first. */
@Entity
@Table(name = "layers")
class LayerEntity {
    @Id
    private String diffId;

    private String directory;
    private long contentSize;
    private String blobDigest;
    private String blobMediaType;
    private long blobSize;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected LayerEntity() {}

    LayerEntity(Layer layer) {
        diffId = layer.diffId().toString();
        directory = layer.directory().getFileName().toString();
        contentSize = layer.size();
        blobDigest = layer.blob().digest().toString();
        blobMediaType = layer.blob().mediaType();
        blobSize = layer.blob().size();
    }

    Layer toLayer(Path layers) {
        return new Layer(
                Digest.parse(diffId),
                layers.resolve(directory),
                contentSize,
                Descriptor.of(blobMediaType, Digest.parse(blobDigest), blobSize));
    }
}
