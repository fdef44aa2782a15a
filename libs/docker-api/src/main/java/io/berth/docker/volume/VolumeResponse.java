package io.berth.docker.volume;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A volume (Engine API, Volume).
 *
 * <pre>{"CreatedAt": "2026-11-24T02:40:00Z", "Driver": "local", "Labels": null, "Mountpoint": "/…/data/_data", "Name": "data",
 * "Options": null, "Scope": "local"}</pre>
 *
 * @param createdAt RFC 3339, to the second
 * @param labels null when none were given
 * @param options of the driver; null when none were given
 * @param usageData in disk usage only
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
public record VolumeResponse(
        String createdAt,
        String driver,
        @Nullable Map<String, String> labels,
        String mountpoint,
        String name,
        @Nullable Map<String, String> options,
        String scope,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable UsageData usageData) {

    /**
     * @param size bytes on disk
     * @param refCount how many containers use it
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record UsageData(long size, long refCount) {}
}
