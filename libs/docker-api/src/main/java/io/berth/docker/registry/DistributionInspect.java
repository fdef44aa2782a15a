package io.berth.docker.registry;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What a registry has under a name (Engine API, DistributionInspect).
 *
 * <pre>{"Descriptor": {"mediaType": "…", "digest": "sha256:…", "size": 1234}, "Platforms": [{"architecture": "amd64", "os": "linux"}]}</pre>
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record DistributionInspect(ContentDescriptor descriptor, List<ContentPlatform> platforms) {
    public DistributionInspect {
        platforms = List.copyOf(platforms);
    }

    /** @param size in bytes */
    public record ContentDescriptor(String mediaType, String digest, long size) {}

    /** A platform that the image exists for. */
    public record ContentPlatform(
            String architecture,
            String os,
            @JsonProperty("os.version") @Nullable String osVersion,
            @JsonProperty("os.features") @Nullable List<String> osFeatures,
            @Nullable String variant) {}
}
