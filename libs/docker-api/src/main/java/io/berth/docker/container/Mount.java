package io.berth.docker.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A mount as asked for in {@link HostConfig#mounts()} (Engine API, Mount).
 *
 * <pre>{"Type": "volume", "Source": "data", "Target": "/var/lib/data", "ReadOnly": true}</pre>
 *
 * @param type {@code bind}, {@code volume}, {@code tmpfs}, {@code image}; others exist and are not for Linux or not for one node
 * @param source a path of the host, the name of a volume, or an image reference, by type
 * @param target an absolute path inside the container
 * @param consistency has no effect on Linux
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Mount(
        String type,
        String source,
        String target,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean readOnly,
        String consistency,
        @Nullable BindOptions bindOptions,
        @Nullable VolumeOptions volumeOptions,
        @Nullable ImageOptions imageOptions,
        @Nullable TmpfsOptions tmpfsOptions) {

    @SuppressWarnings("ConstantValue") // Jackson passes null for what the request leaves out
    public Mount {
        type = type == null ? "" : type;
        source = source == null ? "" : source;
        target = target == null ? "" : target;
        consistency = consistency == null ? "" : consistency;
    }

    /**
     * @param propagation {@code private}, {@code rprivate}, {@code shared}, {@code rshared}, {@code slave}, {@code rslave} or empty
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_DEFAULT)
    public record BindOptions(
            @Nullable String propagation,
            boolean nonRecursive,
            boolean createMountpoint,
            boolean readOnlyNonRecursive,
            boolean readOnlyForceRecursive) {}

    /**
     * @param noCopy do not fill an empty volume with what the image has at the target
     * @param subpath below the volume's root
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_DEFAULT)
    public record VolumeOptions(
            boolean noCopy,
            @Nullable Map<String, String> labels,
            @Nullable DriverConfig driverConfig,
            @Nullable String subpath) {}

    /** How a volume is made that does not exist yet. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record DriverConfig(
            @Nullable String name, @Nullable Map<String, String> options) {}

    /** Which part of an image is mounted. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ImageOptions(@Nullable String subpath) {}

    /**
     * @param sizeBytes zero is unlimited
     * @param mode permission bits; zero is 1777
     * @param options flags such as {@code ["exec"]} or pairs such as {@code ["uid", "1000"]}
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_DEFAULT)
    public record TmpfsOptions(
            @JsonProperty("SizeBytes") long sizeBytes,
            int mode,
            @Nullable List<List<String>> options) {}
}
