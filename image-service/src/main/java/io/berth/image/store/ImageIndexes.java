package io.berth.image.store;

import io.berth.image.content.ContentStore;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Index;
import io.berth.oci.OciJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The indexes that images were pulled from: one image is of one platform, and what else there was, and what was attested of it, is told
 * by its index. An index goes with its image. Thread-safe.
 */
@Component
public class ImageIndexes {
    private final IndexRows rows;
    private final ContentStore content;
    private final Generation generation;
    private final SinceChange<Known> known;

    ImageIndexes(IndexRows rows, ContentStore content, Generation generation) {
        this.rows = rows;
        this.content = content;
        this.generation = generation;
        this.known = new SinceChange<>(generation, Known::new);
    }

    /** What has been asked for since the last change. */
    private static final class Known {
        private final Map<Digest, Optional<Descriptor>> descriptors = new ConcurrentHashMap<>();
        private volatile @Nullable Set<Digest> blobs;
    }

    /**
     * Keeps an index for an image that exists, in place of the one it had.
     *
     * @param index in the content store and held by the caller's lease, as the blobs are
     * @param blobs what of the index is kept beside the image
     */
    public void keep(Digest imageId, Descriptor index, Collection<Digest> blobs) {
        IndexEntity _ = generation.during(() -> rows.saveAndFlush(new IndexEntity(imageId, index, blobs)));
    }

    /** Forgets the index of an image: it is no part of any now. */
    public void forget(Digest imageId) {
        if (rows.existsById(imageId.toString())) {
            boolean _ = generation.during(() -> {
                rows.deleteById(imageId.toString());
                return true;
            });
        }
    }

    /**
     * The index that an image was last pulled from, if it was pulled from one.
     *
     * @param imageId of an image that exists
     */
    public Optional<Descriptor> descriptor(Digest imageId) {
        Map<Digest, Optional<Descriptor>> descriptors = known.value().descriptors;
        Optional<Descriptor> descriptor = descriptors.get(imageId);
        if (descriptor == null) {
            descriptor = rows.findById(imageId.toString()).map(IndexEntity::descriptor);
            descriptors.put(imageId, descriptor);
        }
        return descriptor;
    }

    /** The images that were last pulled from an index. */
    List<Digest> imagesOf(Digest index) {
        return rows.findByDigest(index.toString()).stream()
                .map(IndexEntity::imageId)
                .toList();
    }

    /** As {@link #descriptor}, with its content. */
    public Optional<Index> index(Digest imageId) {
        return descriptor(imageId).map(descriptor -> {
            try {
                return OciJson.MAPPER.readValue(
                        content.read(descriptor.digest(), ImageStore.MAX_DOCUMENT_BYTES), Index.class);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read the index of image " + imageId, e);
            }
        });
    }

    /** What of an image's index is kept beside the image. Whatever else an index names is of others, be it here or not. */
    Set<Digest> kept(Digest imageId) {
        return rows.findById(imageId.toString()).map(IndexEntity::blobs).orElse(Set.of()).stream()
                .map(Digest::parse)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Every blob that is kept for an index, the indexes themselves included. */
    Set<Digest> blobs() {
        Known here = known.value();
        Set<Digest> blobs = here.blobs;
        if (blobs == null) {
            blobs = readBlobs();
            here.blobs = blobs;
        }
        return blobs;
    }

    private Set<Digest> readBlobs() {
        Set<Digest> blobs = new HashSet<>();
        for (IndexEntity row : rows.findAll()) {
            blobs.add(row.descriptor().digest());
            row.blobs().forEach(digest -> blobs.add(Digest.parse(digest)));
        }
        return blobs;
    }
}
