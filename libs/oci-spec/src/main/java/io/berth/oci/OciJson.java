package io.berth.oci;

import io.berth.json.Bounds;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON mapper for OCI documents: unknown fields are ignored, absent values stay absent. A document that names a field twice
 * is refused, since readers differ in which of the two they take.
 */
public final class OciJson {
    /** Immutable and thread-safe. */
    public static final JsonMapper MAPPER = Bounds.CONTENT
            .mapper()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private OciJson() {}
}
