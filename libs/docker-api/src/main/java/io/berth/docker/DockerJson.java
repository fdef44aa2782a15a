package io.berth.docker;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.berth.json.Bounds;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.MapperBuilder;
import tools.jackson.databind.json.JsonMapper;

/**
 * How the Engine API reads and writes JSON, as Go's encoder does: names without regard to case, unknown fields ignored,
 * a null where a number is expected means zero, a single value where a list is expected is a list of one, and absent
 * values are left out.
 */
public final class DockerJson {
    /** For what the platform itself has written: answers of its services, rows of its databases. Immutable and thread-safe. */
    public static final JsonMapper MAPPER = configure(Bounds.OWN.mapper()).build();

    /** For what clients send. Immutable and thread-safe. */
    public static final JsonMapper REQUESTS = configure(Bounds.REQUEST.mapper()).build();

    private DockerJson() {}

    /** Applies the rules to a builder, for instance the web framework's. */
    public static <B extends MapperBuilder<?, B>> B configure(B builder) {
        return builder.disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
                .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                .changeDefaultPropertyInclusion(value -> value.withValueInclusion(JsonInclude.Include.NON_NULL));
    }
}
