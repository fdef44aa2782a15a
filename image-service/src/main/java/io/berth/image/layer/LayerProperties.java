package io.berth.image.layer;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * How layers are unpacked.
 *
 * @param maxSize largest uncompressed layer
 * @param maxEntries most files in a layer
 * @param maxRatio most times that a layer may be larger than its compressed blob, looked at above 256 MiB
 * @param parallelism how many layers are unpacked at a time
 */
@Validated
@ConfigurationProperties("berth.image.layer")
record LayerProperties(
        @NotNull @DefaultValue("64GB") DataSize maxSize,
        @Min(1) @DefaultValue("4000000") long maxEntries,
        @Min(1) @DefaultValue("200") int maxRatio,
        @Min(1) @Max(64) @DefaultValue("6") int parallelism) {
    UnpackLimits limits() {
        return new UnpackLimits(maxSize.toBytes(), maxEntries, maxRatio);
    }
}
