package io.berth.docker.secret;

import com.fasterxml.jackson.annotation.JsonProperty;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A secret or config (Engine API, Secret and Config).
 *
 * <pre>{"ID": "ktnb…", "Version": {"Index": 11}, "CreatedAt": "…", "UpdatedAt": "…", "Spec": {"Name": "app.crt", "Labels": {}}}</pre>
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record SecretResponse(
        @JsonProperty("ID") String id, Version version, String createdAt, String updatedAt, SecretSpec spec) {
    /** Raised by each update. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Version(long index) {}
}
