package io.berth.image.layer;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import java.nio.file.Path;
import org.springframework.data.domain.Persistable;

/** The row that makes an unpacked directory stay beyond the process; written last, removed first. */
@Entity
@Table(name = "layers")
class LayerEntity implements Persistable<String> {
    @Id
    private String diffId;

    private String directory;
    private long contentSize;
    private String blobDigest;
    private String blobMediaType;
    private long blobSize;

    @Transient
    private boolean fresh;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected LayerEntity() {}

    LayerEntity(Layer layer) {
        diffId = layer.diffId().toString();
        directory = layer.directory().getFileName().toString();
        contentSize = layer.size();
        blobDigest = layer.blob().digest().toString();
        blobMediaType = layer.blob().mediaType();
        blobSize = layer.blob().size();
        fresh = true;
    }

    @Override
    public String getId() {
        return diffId;
    }

    /** Spares the question whether there is one already. */
    @Override
    public boolean isNew() {
        return fresh;
    }

    Layer toLayer(Path layers) {
        return new Layer(
                Digest.parse(diffId),
                layers.resolve(directory),
                contentSize,
                Descriptor.of(blobMediaType, Digest.parse(blobDigest), blobSize));
    }
}
