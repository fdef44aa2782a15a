package io.berth.docker.image;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One in-toto statement about an image (Engine API, AttestationStatement).
 *
 * @param descriptor of the statement, as OCI writes it
 * @param predicateType such as {@code https://slsa.dev/provenance/v0.2}
 * @param statement the whole of it, where asked for
 */
public record AttestationStatement(
        @JsonProperty("Descriptor") JsonNode descriptor,
        @JsonProperty("PredicateType") String predicateType,
        @JsonProperty("Statement") @Nullable JsonNode statement) {}
