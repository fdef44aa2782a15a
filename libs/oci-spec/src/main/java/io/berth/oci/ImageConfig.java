package io.berth.oci;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An image's configuration (OCI image spec, config.md), with the fields that Docker adds. The image id is the digest of
 * the bytes this was parsed from, so keep those bytes: writing the record again need not give the same ones.
 *
 * @param created RFC 3339 time, kept as written
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ImageConfig(
        @Nullable String created,
        @Nullable String author,
        String architecture,
        @Nullable String variant,
        String os,
        @JsonProperty("os.version") @Nullable String osVersion,
        @JsonProperty("os.features") @Nullable List<String> osFeatures,
        @Nullable Execution config,
        RootFs rootfs,
        @Nullable List<History> history,
        @JsonProperty("docker_version") @Nullable String dockerVersion,
        @Nullable String comment) {

    public ImageConfig {
        osFeatures = osFeatures == null ? null : List.copyOf(osFeatures);
        history = history == null ? null : List.copyOf(history);
    }

    /** The execution parameters, or empty ones. */
    public Execution execution() {
        return config == null ? Execution.EMPTY : config;
    }

    public Platform platform() {
        return new Platform(architecture, os, osVersion, osFeatures, variant);
    }

    /**
     * How a container of this image runs by default. Names are the specification's (and Docker's), upper case first.
     *
     * @param exposedPorts keys such as {@code 80/tcp}; the values are empty objects
     * @param env entries {@code NAME=value}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Execution(
            @JsonProperty("User") @Nullable String user,
            @JsonProperty("ExposedPorts") @Nullable Map<String, Map<String, Object>> exposedPorts,
            @JsonProperty("Env") @Nullable List<String> env,
            @JsonProperty("Entrypoint") @Nullable List<String> entrypoint,
            @JsonProperty("Cmd") @Nullable List<String> cmd,
            @JsonProperty("Volumes") @Nullable Map<String, Map<String, Object>> volumes,
            @JsonProperty("WorkingDir") @Nullable String workingDir,
            @JsonProperty("Labels") @Nullable Map<String, String> labels,
            @JsonProperty("StopSignal") @Nullable String stopSignal,
            @JsonProperty("Healthcheck") @Nullable HealthCheck healthcheck,
            @JsonProperty("Shell") @Nullable List<String> shell,
            @JsonProperty("OnBuild") @Nullable List<String> onBuild,
            @JsonProperty("ArgsEscaped") @Nullable Boolean argsEscaped) {

        @SuppressWarnings("ConstantValue") // what JSON calls null is null here in spite of the types
        public Execution {
            if (labels != null && labels.values().stream().anyMatch(Objects::isNull)) {
                // As Go reads it: a label without a value has an empty one.
                Map<String, String> complete = new LinkedHashMap<>(labels);
                complete.replaceAll((name, value) -> Objects.requireNonNullElse(value, ""));
                labels = complete;
            }
        }

        /** No defaults at all, as in an image made from a bare archive. */
        public static final Execution EMPTY =
                new Execution(null, null, null, null, null, null, null, null, null, null, null, null, null);
    }

    /** Docker's health check of an image; durations are nanoseconds, zero inherits. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record HealthCheck(
            @JsonProperty("Test") @Nullable List<String> test,
            @JsonProperty("Interval") @Nullable Long intervalNanos,
            @JsonProperty("Timeout") @Nullable Long timeoutNanos,
            @JsonProperty("StartPeriod") @Nullable Long startPeriodNanos,
            @JsonProperty("StartInterval") @Nullable Long startIntervalNanos,
            @JsonProperty("Retries") @Nullable Integer retries) {}

    /**
     * The layers' digests when uncompressed.
     *
     * @param type always {@code layers}
     * @param diffIds bottom first
     */
    public record RootFs(
            String type, @JsonProperty("diff_ids") List<Digest> diffIds) {
        public RootFs {
            diffIds = List.copyOf(diffIds);
        }
    }

    /** One build step; those with {@code empty_layer} have no layer of their own. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record History(
            @Nullable String created,
            @JsonProperty("created_by") @Nullable String createdBy,
            @Nullable String author,
            @Nullable String comment,
            @JsonProperty("empty_layer") @Nullable Boolean emptyLayer) {}
}
