package io.berth.image.build;

import io.berth.image.layer.Layer;
import io.berth.oci.Digest;
import java.time.Instant;

/** A step and the layer it has made, as caches keep it. */
public record CachedStep(Digest key, Layer layer, String description, Instant made) {}
