package io.berth.docker.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * Everything about one container (Engine API, ContainerInspectResponse).
 *
 * <pre>{"Id": "aa86…", "Name": "/web", "State": {"Status": "running", …}, "Config": {…}, "HostConfig": {…}}</pre>
 *
 * @param name with a leading slash
 * @param execIds running execs; null when none
 * @param sizeRw bytes of the writable layer, only when asked for
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
public record InspectResponse(
        String id,
        String created,
        String path,
        List<String> args,
        StateResponse state,
        String image,
        String resolvConfPath,
        String hostnamePath,
        String hostsPath,
        String logPath,
        String name,
        int restartCount,
        String driver,
        String platform,
        String mountLabel,
        String processLabel,
        String appArmorProfile,
        @JsonProperty("ExecIDs") @Nullable List<String> execIds,
        HostConfig hostConfig,
        GraphDriver graphDriver,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long sizeRw,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long sizeRootFs,
        List<MountPoint> mounts,
        ContainerConfig config,
        NetworkSettingsResponse networkSettings) {

    /** Where the writable layer is. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record GraphDriver(Map<String, String> data, String name) {}
}
