package io.berth.image.store;

import io.berth.oci.ImageReference;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/** A name of an image: {@code docker.io/library/busybox:latest}, or with {@code @sha256:…} instead of the tag. */
@Entity
@Table(name = "image_references")
class ReferenceEntity {
    @Id
    private String name;

    private String imageId;

    @SuppressWarnings("NullAway.Init") // for Hibernate, which sets the fields
    protected ReferenceEntity() {}

    ReferenceEntity(ImageReference reference, String imageId) {
        this.name = reference.toString();
        this.imageId = imageId;
    }

    ImageReference reference() {
        return ImageReference.parse(name);
    }

    String imageId() {
        return imageId;
    }
}
