package io.berth.image.store;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ImageConfig;
import io.berth.oci.ImageReference;
import io.berth.oci.Platform;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An image of this node, as it is at one moment.
 *
 * @param id digest of the configuration blob
 * @param config the parsed configuration
 * @param manifest a manifest for it, in the content store
 * @param layers the compressed blobs named by the manifest, bottom first, as many as the configuration has diff ids
 * @param tags its names with a tag, sorted
 * @param digests its names with a digest, sorted
 * @param size sum of its layers' sizes, in bytes
 * @param lastTagged when a tag was last set on this node
 */
public record Image(
        Digest id,
        ImageConfig config,
        Descriptor manifest,
        List<Descriptor> layers,
        List<ImageReference> tags,
        List<ImageReference> digests,
        long size,
        @Nullable Instant lastTagged) {
    public Image {
        layers = List.copyOf(layers);
        tags = List.copyOf(tags);
        digests = List.copyOf(digests);
    }

    /** The same image as it is shown under another one's names. */
    Image namedLike(Image other) {
        return new Image(id, config, manifest, layers, other.tags, other.digests, size, other.lastTagged);
    }

    /** Whether a text is the beginning of its id. */
    public boolean hasIdThatBegins(String text) {
        return id.toString().startsWith(text) || id.hex().startsWith(text);
    }

    /** Whether it has no name at all. */
    public boolean isNameless() {
        return tags.isEmpty() && digests.isEmpty();
    }

    /** Whether it is for one of these platforms, or none is asked for. */
    public boolean servesAny(List<Platform> wanted) {
        return wanted.isEmpty() || wanted.stream().anyMatch(config.platform()::serves);
    }

    /** Digests of the uncompressed layers, bottom first. */
    public List<Digest> diffIds() {
        return config.rootfs().diffIds();
    }
}
