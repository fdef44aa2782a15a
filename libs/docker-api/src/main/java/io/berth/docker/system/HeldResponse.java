package io.berth.docker.system;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What the engine holds: Berth's own, at {@code GET /berth/held}.
 *
 * <pre>{"Total": {"Containers": 1, "Running": 1, "Processes": 2, "Cgroups": 9, "Namespaces": {"mnt": 1, "net": 1}, "Mounts": 28,
 * "KeptFiles": 4, "Directories": 1, "Volumes": 0, "UserRanges": 0}, "Engine": {"Threads": 31, "Descriptors": {"socket": 12},
 * "HostMounts": []}, "Containers": [{"Id": "…", …}], "Orphans": []}</pre>
 *
 * @param total of all containers, orphans included
 * @param engine the engine's own process
 * @param containers each of them, the newest first
 * @param orphans what belongs to no container and no volume
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record HeldResponse(Total total, Engine engine, List<OfContainer> containers, List<Orphan> orphans) {
    public HeldResponse {
        containers = List.copyOf(containers);
        orphans = List.copyOf(orphans);
    }

    /**
     * Numbers.
     *
     * @param namespaces by kind, such as {@code net}; the engine's own do not count
     * @param mounts in the containers' mount namespaces
     * @param keptFiles open files that outlive the engine
     * @param directories of containers on disk
     * @param userRanges ranges of user ids
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Total(
            int containers,
            int running,
            int processes,
            int cgroups,
            Map<String, Integer> namespaces,
            int mounts,
            int keptFiles,
            int directories,
            int volumes,
            int userRanges) {}

    /**
     * The engine's own process.
     *
     * @param descriptors open files by kind, such as {@code pidfd}
     * @param hostMounts mount points in the host's mount table, which only volumes with options have
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Engine(int threads, Map<String, Integer> descriptors, List<String> hostMounts) {}

    /**
     * What one container holds.
     *
     * @param state as in Docker, such as {@code running}
     * @param processes pids on the host
     * @param cgroups their directories
     * @param namespaces in the kernel's words, such as {@code net:[4026532008]}
     * @param directory on disk
     * @param userRange first id and number, as in {@code 1879048192+65536}; empty for the host's ids
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record OfContainer(
            String id,
            String name,
            String state,
            List<Long> processes,
            List<String> cgroups,
            List<String> namespaces,
            int mounts,
            int keptFiles,
            String directory,
            String userRange) {}

    /**
     * Something that nobody needs.
     *
     * @param kind such as {@code cgroup}
     * @param what path or number
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Orphan(String kind, String what) {}
}
