package io.berth.image.removal;

import io.berth.docker.error.Unavailable;
import io.berth.image.content.ContentStore;
import io.berth.image.layer.Layer;
import io.berth.image.layer.LayerStore;
import io.berth.image.lease.Leases;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.image.store.UsedContent;
import io.berth.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Gives disk back: erases deleted images that nothing can be using any more, then every layer and blob that no image refers
 * to and no lease holds. Thread-safe; one collection at a time.
 */
@Component
public final class Collector {
    private static final Logger LOG = LoggerFactory.getLogger(Collector.class);

    private final ImageStore images;
    private final LayerStore layers;
    private final ContentStore content;
    private final Leases leases;
    private final ImageHolds holds;
    private final ImageUsers users;
    private final List<LayerKeeper> keepers;
    private final ReentrantLock lock = new ReentrantLock();

    Collector(
            ImageStore images,
            LayerStore layers,
            ContentStore content,
            Leases leases,
            ImageHolds holds,
            ImageUsers users,
            List<LayerKeeper> keepers) {
        this.images = images;
        this.layers = layers;
        this.content = content;
        this.leases = leases;
        this.holds = holds;
        this.users = users;
        this.keepers = List.copyOf(keepers);
    }

    /**
     * Collects. A deleted image whose users cannot be learnt is left for the next time.
     *
     * @return bytes given back: contents of unpacked layers, and blobs
     */
    public long collect() {
        lock.lock();
        try {
            images.retired().forEach(this::eraseUnlessUsed);
            return collectLayers() + collectBlobs();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot collect unused content", e);
        } finally {
            lock.unlock();
        }
    }

    /** Collects if there is a deleted image: leaves the partial content of a broken pull for its next attempt. */
    void eraseRetired() {
        if (!images.retired().isEmpty()) {
            collect();
        }
    }

    private void eraseUnlessUsed(Image image) {
        try {
            if (!holds.isHeld(image.id()) && users.of(image.id()).isEmpty()) {
                images.erase(image.id());
            }
        } catch (Unavailable e) {
            LOG.atDebug().setCause(e).addKeyValue("imageId", image.id()).log("kept a deleted image for now");
        }
    }

    private long collectLayers() {
        long freed = 0;
        for (Layer layer : layers.list()) {
            // What is used is asked anew inside the lease's lock: an image may have been made since the list was read.
            boolean forgotten = !isUsed(layer.diffId())
                    && leases.unlessHeld(layer.diffId(), () -> forgetUnlessUsed(layer))
                    && layers.find(layer.diffId()).isEmpty();
            if (forgotten) {
                layers.deleteDirectory(layer);
                freed += layer.size();
            }
        }
        return freed;
    }

    private void forgetUnlessUsed(Layer layer) {
        if (!isUsed(layer.diffId())) {
            layers.forget(layer.diffId());
        }
    }

    private boolean isUsed(Digest diffId) {
        return images.usedContent().diffIds().contains(diffId)
                || keepers.stream().anyMatch(keeper -> keeper.kept().contains(diffId));
    }

    private long collectBlobs() throws IOException {
        long freed = 0;
        Set<Digest> used = usedBlobs();
        for (Digest blob : content.list()) {
            if (!used.contains(blob)) {
                long size = content.size(blob).orElse(0L);
                boolean deleted = leases.unlessHeld(blob, () -> deleteUnlessUsed(blob));
                freed += deleted && !content.exists(blob) ? size : 0;
            }
        }
        return freed;
    }

    private void deleteUnlessUsed(Digest blob) {
        try {
            if (!usedBlobs().contains(blob)) {
                content.delete(blob);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Blobs that images name, and those that unpacked layers came from. */
    private Set<Digest> usedBlobs() {
        UsedContent used = images.usedContent();
        Set<Digest> blobs = new HashSet<>(used.blobs());
        layers.list().forEach(layer -> blobs.add(layer.blob().digest()));
        return blobs;
    }
}
