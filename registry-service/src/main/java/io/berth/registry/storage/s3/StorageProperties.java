package io.berth.registry.storage.s3;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What keeps the bytes of blobs, manifests and uploads.
 *
 * @param storage files of the data directory, or an S3 bucket
 */
@ConfigurationProperties("berth.registry")
record StorageProperties(@DefaultValue("files") Kind storage) {
    enum Kind {
        FILES,
        S3
    }
}
