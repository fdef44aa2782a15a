package io.berth.image.store;

import io.berth.archive.TreeUsage;
import io.berth.image.data.DataDirectory;
import io.berth.image.layer.Layer;
import io.berth.image.layer.LayerStore;
import io.berth.node.ImagesUsage;
import io.berth.node.ImagesUsage.ImageUsage;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Measures what images take on disk. An unpacked layer does not change, so each is measured once. Thread-safe. */
@Component
public final class ImageUsages {
    private final ImageStore images;
    private final LayerStore layers;
    private final DataDirectory data;
    private final Map<Digest, Long> measured = new ConcurrentHashMap<>();

    ImageUsages(ImageStore images, LayerStore layers, DataDirectory data) {
        this.images = images;
        this.layers = layers;
        this.data = data;
    }

    /** As it is now. */
    public ImagesUsage measure() {
        Map<Digest, Long> unpacked = new HashMap<>();
        Map<Digest, Long> withBlobs = new HashMap<>();
        for (Layer layer : layers.list()) {
            long bytes = measured.computeIfAbsent(layer.diffId(), diffId -> TreeUsage.of(layer.directory()));
            unpacked.put(layer.diffId(), bytes);
            withBlobs.put(layer.diffId(), bytes + layer.blob().size());
        }
        measured.keySet().retainAll(unpacked.keySet());
        List<Image> all = images.list();
        Map<Digest, Long> users = all.stream()
                .flatMap(image -> image.diffIds().stream().distinct())
                .collect(Collectors.groupingBy(diffId -> diffId, Collectors.counting()));
        long total = TreeUsage.of(data.blobs())
                + unpacked.values().stream().mapToLong(Long::longValue).sum();
        return new ImagesUsage(
                total, all.stream().map(image -> usage(image, withBlobs, users)).toList());
    }

    private static ImageUsage usage(Image image, Map<Digest, Long> sizes, Map<Digest, Long> users) {
        List<Digest> distinct = image.diffIds().stream().distinct().toList();
        return new ImageUsage(
                image.id(),
                image.tags().stream().map(ImageReference::familiar).toList(),
                image.digests().stream().map(ImageReference::familiar).toList(),
                created(image).getEpochSecond(),
                distinct.stream().mapToLong(id -> sizes.getOrDefault(id, 0L)).sum(),
                distinct.stream()
                        .filter(id -> users.getOrDefault(id, 0L) > 1)
                        .mapToLong(id -> sizes.getOrDefault(id, 0L))
                        .sum(),
                image.config().execution().labels());
    }

    private static Instant created(Image image) {
        String text = image.config().created();
        try {
            return text == null ? Instant.EPOCH : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return Instant.EPOCH;
        }
    }
}
