package io.berth.image.build;

import io.berth.image.cache.BuildCache;
import io.berth.image.layer.AdoptedLayer;
import io.berth.image.layer.Layer;
import io.berth.image.lease.Lease;
import io.berth.oci.Digest;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What the steps of one build have for results: layers that are made, or taken from the cache. Thread-safe; closing it waits until
 * all that was made is archived and recorded.
 */
final class StepResults implements AutoCloseable {
    private final BuildTools tools;
    private final BuildRequest request;
    private final BuildInput input;
    private final Lease lease;
    private final Queue<AdoptedLayer> adopted = new ConcurrentLinkedQueue<>();
    private final Queue<CompletableFuture<?>> recordings = new ConcurrentLinkedQueue<>();
    private final Queue<Digest> hits = new ConcurrentLinkedQueue<>();
    private final Queue<StageState.Step> steps = new ConcurrentLinkedQueue<>();
    private CacheExchange.@Nullable Imported imported;

    StepResults(BuildTools tools, BuildRequest request, BuildInput input, Lease lease) {
        this.input = input;
        this.tools = tools;
        this.request = request;
        this.lease = lease;
    }

    /** All steps that have a layer, of all stages. */
    List<StageState.Step> steps() {
        return List.copyOf(steps);
    }

    @Nullable
    Instant epoch() {
        return request.sourceDateEpoch();
    }

    /** When a step is made: the time of the whole build where that is given. */
    Instant now() {
        Instant given = request.sourceDateEpoch();
        return (given == null ? Instant.now() : given).truncatedTo(ChronoUnit.MILLIS);
    }

    /**
     * Takes a step's result from the cache, if it is there and may be used: then the stage has it.
     *
     * @param history what the step says in the image's history
     */
    Optional<AdoptedLayer> cached(Digest key, StageState state, String history, BuildListener.Progress progress)
            throws InterruptedException {
        boolean never = state.remade();
        Digest own = state.ownKey(key);
        Optional<BuildCache.Hit> hit = never ? Optional.empty() : tools.cache().find(lease, own);
        BuildCache.Hit foreign =
                never || hit.isPresent() ? null : imported().steps().get(key);
        if (hit.isEmpty() && foreign == null) {
            progress.running();
            return Optional.empty();
        }
        BuildCache.Hit found = foreign == null ? hit.orElseThrow() : foreign;
        AdoptedLayer layer = AdoptedLayer.of(found.layer());
        StageState.Step step = new StageState.Step(key, history, layer, found.made());
        state.push(layer, step);
        steps.add(step);
        state.settings().record(history, false, timeOf(found.made()));
        if (foreign == null) {
            hits.add(own);
        } else {
            state.taint(found.layer().diffId());
        }
        progress.cached();
        return Optional.of(layer);
    }

    private Instant timeOf(Instant made) {
        Instant given = request.sourceDateEpoch();
        return given == null ? made : given;
    }

    /** What the caches have that the client has named; read when a step is first not in this node's own. */
    private synchronized CacheExchange.Imported imported() throws InterruptedException {
        if (imported == null) {
            imported = tools.exchange()
                    .read(request.cacheFrom(), request.caller(), request.credentials(), input.caches(), lease);
        }
        return imported;
    }

    /** What a cache mount is to begin with, as a cache that the client has named says. */
    Optional<Layer> importedMount(String id) throws InterruptedException {
        return Optional.ofNullable(imported().mounts().get(id));
    }

    /** Makes a layer of what a step has written. */
    AdoptedLayer adopt(Path upper) {
        Instant newest = epoch();
        if (newest != null) {
            Timestamps.limit(upper, newest);
        }
        AdoptedLayer layer = tools.layers().adopt(lease, upper);
        adopted.add(layer);
        return layer;
    }

    /** A step has made a layer: the stage has it, and so will the cache. */
    void made(Digest key, String description, StageState state, AdoptedLayer layer, String history, Instant now) {
        Digest parent = state.key();
        Digest own = state.ownKey(key);
        StageState.Step step = new StageState.Step(key, description, layer, now);
        state.push(layer, step);
        steps.add(step);
        state.settings().record(history, false, now);
        recordings.add(layer.layer().thenAccept(known -> tools.cache().record(own, description, parent, known, now)));
    }

    static List<CachedStep> described(List<StageState.Step> done) throws InterruptedException {
        Map<Digest, CachedStep> all = new LinkedHashMap<>();
        for (StageState.Step step : done) {
            all.put(step.key(), new CachedStep(step.key(), known(step.layer()), step.description(), step.made()));
        }
        return List.copyOf(all.values());
    }

    static Layer known(AdoptedLayer layer) throws InterruptedException {
        try {
            return layer.layer().get();
        } catch (ExecutionException e) {
            throw new BuildFailure("cannot keep a layer: " + e.getMessage(), e);
        }
    }

    /** All work on layers has ended; what has turned out to be there already goes. */
    @Override
    public void close() {
        for (AdoptedLayer layer : adopted) {
            CompletableFuture<Layer> _ = layer.layer().exceptionally(_ -> null);
            try {
                Object _ = layer.layer().join();
            } catch (CompletionException | CancellationException e) {
                // told to whoever waited for it
            }
        }
        for (CompletableFuture<?> recording : recordings) {
            try {
                Object _ = recording.join();
            } catch (CompletionException e) {
                // the step is made again by the next build
            }
        }
        if (!adopted.isEmpty()) {
            tools.layers().sync();
        }
        // Also those that other builds have made and this one has used.
        tools.layers().settle();
        tools.cache().settle();
        if (!hits.isEmpty()) {
            tools.cache().used(hits);
        }
        adopted.forEach(tools.layers()::letGo);
    }
}
