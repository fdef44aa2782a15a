package io.berth.node;

import io.berth.oci.Digest;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What images take on disk, as du(1) counts: allocated blocks, each file once.
 *
 * @param totalBytes unpacked layers and blobs, also those that no image has
 */
public record ImagesUsage(long totalBytes, List<ImageUsage> images) {
    public ImagesUsage {
        images = List.copyOf(images);
    }

    /**
     * One image.
     *
     * @param repoTags names with a tag, as Docker shows them
     * @param repoDigests names with a digest
     * @param created seconds since the epoch
     * @param bytes its unpacked layers and their blobs
     * @param sharedBytes those of them that other images have too
     */
    public record ImageUsage(
            Digest id,
            List<String> repoTags,
            List<String> repoDigests,
            long created,
            long bytes,
            long sharedBytes,
            @Nullable Map<String, String> labels) {
        public ImageUsage {
            repoTags = List.copyOf(repoTags);
            repoDigests = List.copyOf(repoDigests);
        }
    }
}
