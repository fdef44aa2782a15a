package io.berth.image.cache;

import io.berth.image.layer.Layer;
import io.berth.image.layer.LayerStore;
import io.berth.image.lease.Lease;
import io.berth.image.removal.LayerKeeper;
import io.berth.image.store.ImageStore;
import io.berth.oci.Digest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Results of build steps by key. A key is a digest of everything that goes into a step, so a record is never wrong, only
 * forgotten. All records are in memory too, and their rows are written for many at once ({@link #settle}). Thread-safe.
 */
@Component
public class BuildCache implements LayerKeeper {
    private static final int MOST_MEANINGS = 10_000;

    private final CacheRows rows;
    private final LayerStore layers;
    private final ImageStore images;
    private final CacheMounts mounts;
    private final KeptContexts contexts;
    private final Map<Digest, Digest> meanings = new ConcurrentHashMap<>();
    private final Map<String, CacheRecord> records = new ConcurrentHashMap<>();
    /** Rows to be written. Its lock is held while rows are written or deleted. */
    private final Map<String, CacheEntity> unsettled = new LinkedHashMap<>();

    /** Keys that have a row. Guarded by {@link #unsettled}. */
    private final Set<String> settled = new HashSet<>();

    BuildCache(CacheRows rows, LayerStore layers, ImageStore images, CacheMounts mounts, KeptContexts contexts) {
        this.rows = rows;
        this.layers = layers;
        this.images = images;
        this.mounts = mounts;
        this.contexts = contexts;
        rows.findAll().forEach(row -> {
            CacheRecord found = row.toRecord(false, false);
            records.put(found.key(), found);
            settled.add(found.key());
        });
    }

    /** A step's result, and when it was made. */
    public record Hit(Layer layer, Instant made) {}

    /** What a step of this key has made, held by the lease. */
    public Optional<Hit> find(Lease lease, Digest key) {
        CacheRecord found = records.get(key.toString());
        if (found == null || found.diffId() == null) {
            return Optional.empty();
        }
        Digest diffId = Digest.parse(found.diffId());
        // Held before it is looked for: from then on it stays.
        lease.hold(diffId);
        Optional<Layer> layer = layers.find(diffId);
        layer.ifPresent(held -> lease.hold(held.blob().digest()));
        return layer.map(held -> new Hit(held, found.createdAt()));
    }

    /**
     * Keeps what a step has made; beyond the process when {@link #settle} has returned.
     *
     * @param parent key of the step before, or null
     * @param made when; to the microsecond
     */
    public void record(Digest key, String description, @Nullable Digest parent, Layer layer, Instant made) {
        CacheEntity row = new CacheEntity(
                key.toString(),
                "regular",
                description,
                layer.diffId().toString(),
                null,
                parent == null ? null : parent.toString(),
                layer.size(),
                made);
        synchronized (unsettled) {
            unsettled.put(key.toString(), row);
            records.put(key.toString(), row.toRecord(false, false));
        }
    }

    /** Writes the rows of what was recorded, after those of the layers that they name. */
    public void settle() {
        synchronized (unsettled) {
            if (unsettled.isEmpty()) {
                return;
            }
            List<CacheEntity> all = unsettled.entrySet().stream()
                    .map(one -> settled.contains(one.getKey())
                            ? one.getValue()
                            : one.getValue().fresh())
                    .toList();
            List<CacheEntity> _ = rows.saveAllAndFlush(all);
            settled.addAll(unsettled.keySet());
            unsettled.clear();
        }
    }

    /** Remembers that what is described by one key has the result of another, which takes reading files to find out. */
    public void means(Digest quick, Digest key) {
        meanings.put(quick, key);
        if (meanings.size() > MOST_MEANINGS) {
            meanings.clear();
        }
    }

    /** What {@link #means} said, unless that is forgotten. */
    public Optional<Digest> meant(Digest quick) {
        return Optional.ofNullable(meanings.get(quick));
    }

    /** Remembers that records were of use. */
    public void used(Collection<Digest> keys) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        List<String> all = keys.stream().map(Digest::toString).distinct().toList();
        synchronized (unsettled) {
            int _ = rows.used(all, now);
            all.forEach(key -> records.computeIfPresent(key, (_, found) -> found.usedAt(now)));
        }
    }

    @Override
    public Set<Digest> kept() {
        return records.values().stream()
                .map(CacheRecord::diffId)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .map(Digest::parse)
                .collect(Collectors.toSet());
    }

    /** All records, cache mounts and clients' directories among them. */
    public List<CacheRecord> list() {
        Set<Digest> used = images.usedContent().diffIds();
        List<CacheRecord> all = records.values().stream()
                .map(found -> found.sharedWith(found.diffId() != null && used.contains(Digest.parse(found.diffId()))))
                .collect(Collectors.toCollection(ArrayList::new));
        all.addAll(mounts.list());
        all.addAll(contexts.list());
        return all;
    }

    /**
     * Forgets records. Their layers go with the next collection unless an image has them.
     *
     * @return those that are gone: a cache mount in use stays
     */
    public List<CacheRecord> forget(Collection<CacheRecord> unwanted) {
        List<CacheRecord> gone = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        for (CacheRecord unneeded : unwanted) {
            if (unneeded.directory() == null) {
                keys.add(unneeded.key());
                gone.add(unneeded);
            } else if (unneeded.kind().equals(CacheMounts.KIND)
                    ? mounts.remove(unneeded.directory())
                    : contexts.remove(unneeded.directory())) {
                gone.add(unneeded);
            }
        }
        synchronized (unsettled) {
            rows.deleteAllByIdInBatch(keys);
            keys.forEach(unsettled::remove);
            settled.removeAll(keys);
            keys.forEach(records::remove);
        }
        return gone;
    }
}
