package io.berth.docker.system;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.berth.docker.container.ContainerSummary;
import io.berth.docker.image.ImageSummary;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What images, containers, volumes and the build cache take on disk. What was not asked for is left out.
 *
 * <pre>{"ImageUsage": {"ActiveCount": 1, "TotalCount": 4, "Reclaimable": 12345678, "TotalSize": 98765432}, …}</pre>
 *
 * @param layersSize bytes of all images, below API 1.53, as are the next four
 * @param imageUsage from API 1.52 on, as are the next three
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DiskUsageResponse(
        @Nullable Long layersSize,
        @Nullable List<ImageSummary> images,
        @Nullable List<ContainerSummary> containers,
        @Nullable List<?> volumes,
        @Nullable List<?> buildCache,
        @Nullable Usage<ImageSummary> imageUsage,
        @Nullable Usage<ContainerSummary> containerUsage,
        @Nullable Usage<?> volumeUsage,
        @Nullable Usage<?> buildCacheUsage) {

    /**
     * Of one kind of object.
     *
     * @param activeCount those in use
     * @param reclaimable bytes that removing those not in use would free
     * @param totalSize bytes
     * @param items each of them, when details were asked for
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Usage<T>(
            long activeCount,
            long totalCount,
            long reclaimable,
            long totalSize,
            @Nullable List<T> items) {
        /** Without the details. */
        public Usage<T> brief() {
            return new Usage<>(activeCount, totalCount, reclaimable, totalSize, null);
        }
    }
}
