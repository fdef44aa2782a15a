-- Digests are sha256:<64> or sha512:<128> characters. Names are at most 255 characters plus tag (128) or digest (135).
CREATE TABLE layers (
    diff_id         VARCHAR(135) PRIMARY KEY,
    directory       VARCHAR(32)  NOT NULL UNIQUE,
    content_size    BIGINT       NOT NULL,
    blob_digest     VARCHAR(135) NOT NULL,
    blob_media_type VARCHAR(255) NOT NULL,
    blob_size       BIGINT       NOT NULL
);

CREATE TABLE images (
    id                  VARCHAR(135) PRIMARY KEY,
    manifest_digest     VARCHAR(135) NOT NULL,
    manifest_media_type VARCHAR(255) NOT NULL,
    manifest_size       BIGINT       NOT NULL,
    content_size        BIGINT       NOT NULL,
    last_tagged         TIMESTAMP(6) WITH TIME ZONE,
    retired             BOOLEAN      NOT NULL DEFAULT FALSE
);

CREATE TABLE image_layers (
    image_id    VARCHAR(135) NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    position    INTEGER      NOT NULL,
    diff_id     VARCHAR(135) NOT NULL REFERENCES layers (diff_id),
    blob_digest VARCHAR(135) NOT NULL,
    media_type  VARCHAR(255) NOT NULL,
    blob_size   BIGINT       NOT NULL,
    PRIMARY KEY (image_id, position)
);

CREATE INDEX image_layers_diff_id ON image_layers (diff_id);

CREATE TABLE image_references (
    name     VARCHAR(512) PRIMARY KEY,
    image_id VARCHAR(135) NOT NULL REFERENCES images (id) ON DELETE CASCADE
);

CREATE INDEX image_references_image_id ON image_references (image_id);
