package io.berth.image.build;

import io.berth.dockerfile.Warning;
import io.berth.image.layer.Layer;
import io.berth.image.lease.Lease;
import io.berth.oci.ImageConfig;
import java.util.List;

/**
 * What a build has made; its layers stay until it is closed.
 *
 * @param layers bottom first, one per diff id of the configuration
 * @param steps what the cache can know of the image's own layers
 * @param allSteps the same of all stages that were built
 * @param materials what it was made of, sorted
 * @param cacheMounts caches that its commands had mounted
 */
public record BuiltImage(
        Lease lease,
        ImageConfig config,
        List<Layer> layers,
        List<Warning> warnings,
        List<CachedStep> steps,
        List<CachedStep> allSteps,
        List<Material> materials,
        List<CacheMountUse.Used> cacheMounts)
        implements AutoCloseable {
    public BuiltImage {
        layers = List.copyOf(layers);
        warnings = List.copyOf(warnings);
        steps = List.copyOf(steps);
        allSteps = List.copyOf(allSteps);
        materials = List.copyOf(materials);
        cacheMounts = List.copyOf(cacheMounts);
    }

    @Override
    public void close() {
        lease.close();
    }
}
