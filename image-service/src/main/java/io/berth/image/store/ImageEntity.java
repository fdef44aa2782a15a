package io.berth.image.store;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.OrderColumn;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.hibernate.annotations.Fetch;
import org.hibernate.annotations.FetchMode;
import org.jspecify.annotations.Nullable;

/** An image's row. All but {@code lastTagged} and {@code retired} never changes. */
@Entity
@Table(name = "images")
class ImageEntity {
    @Id
    private String id;

    private String manifestDigest;
    private String manifestMediaType;
    private long manifestSize;
    private long contentSize;
    private @Nullable Instant lastTagged;

    /** Deleted for clients, but its layers must stay while a container may still use them. */
    private boolean retired;

    @ElementCollection(fetch = FetchType.EAGER)
    @Fetch(FetchMode.SUBSELECT)
    @CollectionTable(name = "image_layers", joinColumns = @JoinColumn(name = "image_id"))
    @OrderColumn(name = "position")
    private List<LayerBlob> layers;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected ImageEntity() {}

    ImageEntity(Digest id, Descriptor manifest, long contentSize, List<LayerBlob> layers) {
        this.id = id.toString();
        this.manifestDigest = manifest.digest().toString();
        this.manifestMediaType = manifest.mediaType();
        this.manifestSize = manifest.size();
        this.contentSize = contentSize;
        this.layers = new ArrayList<>(layers);
    }

    String id() {
        return id;
    }

    Descriptor manifest() {
        return Descriptor.of(manifestMediaType, Digest.parse(manifestDigest), manifestSize);
    }

    long contentSize() {
        return contentSize;
    }

    List<LayerBlob> layers() {
        return layers;
    }

    @Nullable
    Instant lastTagged() {
        return lastTagged;
    }

    void taggedAt(Instant time) {
        lastTagged = time;
    }

    boolean retired() {
        return retired;
    }

    void retire(boolean value) {
        retired = value;
    }
}
