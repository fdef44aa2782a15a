-- The index that an image was last pulled from, and what of it is kept beside the image: the attestations of its platform.
CREATE TABLE image_indexes (
    image_id   VARCHAR(135) PRIMARY KEY REFERENCES images (id) ON DELETE CASCADE,
    digest     VARCHAR(135) NOT NULL,
    media_type VARCHAR(255) NOT NULL,
    size       BIGINT       NOT NULL
);

CREATE TABLE image_index_blobs (
    image_id VARCHAR(135) NOT NULL REFERENCES image_indexes (image_id) ON DELETE CASCADE,
    digest   VARCHAR(135) NOT NULL,
    PRIMARY KEY (image_id, digest)
);
