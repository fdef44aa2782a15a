package io.berth.buildkit;

import io.berth.json.Frozen;
import io.berth.oci.Platform;
import java.util.List;
import java.util.Map;

/**
 * A builder as {@code docker buildx inspect} shows it.
 *
 * @param id lasting
 * @param labels see {@link #IMAGE_STORE_LABEL} and {@link #HOST_GATEWAY_LABEL}
 * @param platforms what it can build for, the best first
 * @param version of the BuildKit it behaves as, such as {@code v0.13.1}: clients compare it
 */
public record WorkerInfo(String id, Map<String, String> labels, List<Platform> platforms, String version) {
    /**
     * Where a worker has this label, buildx's docker driver takes the engine's images for an OCI store and lets users export
     * {@code oci} and {@code docker} archives, several platforms and cache (buildx: driver/docker/driver.go, Features).
     */
    public static final String IMAGE_STORE_LABEL = "org.mobyproject.buildkit.worker.snapshotter";

    /**
     * What {@code host-gateway} stands for in {@code --add-host}, which buildx replaces itself and refuses without this label (buildx:
     * build/utils.go, toBuildkitExtraHosts).
     */
    public static final String HOST_GATEWAY_LABEL = "org.mobyproject.buildkit.worker.moby.host-gateway-ip";

    public WorkerInfo {
        labels = Frozen.map(labels);
        platforms = List.copyOf(platforms);
    }
}
