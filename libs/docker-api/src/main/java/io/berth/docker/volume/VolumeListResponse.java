package io.berth.docker.volume;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * Volumes.
 *
 * <pre>{"Volumes": [], "Warnings": null}</pre>
 *
 * @param warnings null when none
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
public record VolumeListResponse(
        List<VolumeResponse> volumes, @Nullable List<String> warnings) {}
