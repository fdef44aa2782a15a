package io.berth.docker.system;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * Something that builds keep for later ones (Engine API, BuildCache).
 *
 * <pre>{"ID": "ndlpt0hhvkqcdfkputsk4cq9c", "Type": "regular", "InUse": false, "Shared": true, "Size": 51, "UsageCount": 26}</pre>
 *
 * @param size bytes
 * @param createdAt RFC 3339, as is the next
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BuildCacheResponse(
        @JsonProperty("ID") String id,
        @Nullable List<String> parents,
        String type,
        String description,
        boolean inUse,
        boolean shared,
        long size,
        String createdAt,
        String lastUsedAt,
        int usageCount) {}
