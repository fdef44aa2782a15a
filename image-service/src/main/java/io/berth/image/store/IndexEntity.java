package io.berth.image.store;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.Column;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.Table;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.annotations.Fetch;
import org.hibernate.annotations.FetchMode;

/** The index that an image was last pulled from. */
@Entity
@Table(name = "image_indexes")
class IndexEntity {
    @Id
    private String imageId;

    private String digest;
    private String mediaType;
    private long size;

    @ElementCollection(fetch = FetchType.EAGER)
    @Fetch(FetchMode.SUBSELECT)
    @CollectionTable(name = "image_index_blobs", joinColumns = @JoinColumn(name = "image_id"))
    @Column(name = "digest")
    private Set<String> blobs;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected IndexEntity() {}

    IndexEntity(Digest imageId, Descriptor index, Collection<Digest> blobs) {
        this.imageId = imageId.toString();
        this.digest = index.digest().toString();
        this.mediaType = index.mediaType();
        this.size = index.size();
        this.blobs = blobs.stream().map(Digest::toString).collect(Collectors.toCollection(HashSet::new));
    }

    Digest imageId() {
        return Digest.parse(imageId);
    }

    Descriptor descriptor() {
        return Descriptor.of(mediaType, Digest.parse(digest), size);
    }

    Set<String> blobs() {
        return blobs;
    }
}
