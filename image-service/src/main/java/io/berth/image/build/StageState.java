package io.berth.image.build;

import io.berth.dockerfile.ArgScope;
import io.berth.image.layer.AdoptedLayer;
import io.berth.oci.Digest;
import io.berth.oci.ImageConfig;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a stage has come: its files, its variables and its settings. Used by the thread that builds the stage; when that is done
 * it is only read.
 */
final class StageState {
    private final ImageConfig base;
    private final List<AdoptedLayer> layers;
    private final ArgScope scope;
    private final ImageSettings settings;
    private final List<Step> steps;
    private Digest key;
    /** Of what was taken from caches of others; null where nothing was. */
    private @Nullable Digest taint;
    /** Of the step that has given it its files, for the listener. */
    private Digest step;
    /** Whether its files may differ from what the caches have under their keys, since they were to be made again. */
    private boolean remade;

    /**
     * @param base the image that it began with, for its platform
     * @param key of its files
     */
    StageState(
            ImageConfig base,
            List<AdoptedLayer> layers,
            ArgScope scope,
            ImageSettings settings,
            Digest key,
            Digest step) {
        this(base, layers, scope, settings, key, step, null, List.of(), false);
    }

    private StageState(
            ImageConfig base,
            List<AdoptedLayer> layers,
            ArgScope scope,
            ImageSettings settings,
            Digest key,
            Digest step,
            @Nullable Digest taint,
            List<Step> steps,
            boolean remade) {
        this.remade = remade;
        this.taint = taint;
        this.steps = new ArrayList<>(steps);
        this.base = base;
        this.layers = new ArrayList<>(layers);
        this.scope = scope;
        this.settings = settings;
        this.key = key;
        this.step = step;
    }

    /** For a stage that begins with this one. */
    StageState child() {
        return new StageState(base, layers, scope.child(), settings.copy(), key, step, taint, steps, remade);
    }

    ImageConfig base() {
        return base;
    }

    ArgScope scope() {
        return scope;
    }

    ImageSettings settings() {
        return settings;
    }

    /** Of its files as they are now. */
    Digest key() {
        return key;
    }

    Digest step() {
        return step;
    }

    void step(Digest now) {
        step = now;
    }

    /** Bottom first. */
    List<AdoptedLayer> layers() {
        return layers;
    }

    List<Path> directories() {
        return layers.stream().map(AdoptedLayer::directory).toList();
    }

    /**
     * What this node's own cache calls a step of this key: results that were made on top of layers of somebody else's cache are for
     * builds alone that take them from there too, so that nobody can plant something in the builds of others (CVE-2024-24557).
     */
    Digest ownKey(Digest stepKey) {
        return taint == null ? stepKey : StepKey.of("tainted", List.of(stepKey.toString(), taint.toString()));
    }

    /** Everything that is known to be different from what a build without others' caches would have made. */
    String origin() {
        return taint == null ? key.toString() : ownKey(key).toString();
    }

    /**
     * What is made from here on is made again, whatever the caches have: their results are of the files as they were before, and go by
     * the same keys.
     */
    void remake() {
        remade = true;
    }

    boolean remade() {
        return remade;
    }

    /** A step has put a layer on top. */
    void push(AdoptedLayer layer, Step step) {
        layers.add(layer);
        steps.add(step);
        key = step.key();
    }

    /** The last layer came from somebody else's cache. */
    void taint(Digest diffId) {
        taint = StepKey.of("taint", List.of(String.valueOf(taint), diffId.toString()));
    }

    /** A step that has made a layer. */
    record Step(Digest key, String description, AdoptedLayer layer, Instant made) {}

    List<Step> steps() {
        return steps;
    }
}
