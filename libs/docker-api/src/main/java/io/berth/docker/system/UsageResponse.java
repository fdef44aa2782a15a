package io.berth.docker.system;

import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What every running container has used: Berth's own, at {@code GET /berth/usage}.
 *
 * <pre>{"Containers": [{"Id": "…", "Name": "web", "Image": "nginx:1", "CpuNanos": 1200000000, "ThrottledNanos": 0,
 * "MemoryBytes": 4194304, "MemoryLimitBytes": 67108864, "Pids": 3, "ReceivedBytes": 10, "SentBytes": 20, "ReadBytes": 4096,
 * "WrittenBytes": 0}]}</pre>
 *
 * @param containers that run, in no order
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record UsageResponse(List<OfContainer> containers) {
    public UsageResponse {
        containers = List.copyOf(containers);
    }

    /**
     * One container. Counters begin with its start, memory and pids are now.
     *
     * @param name without a slash
     * @param image as the user wrote it
     * @param memoryBytes without the file cache that the kernel would give up first, as {@code docker stats} shows it
     * @param memoryLimitBytes 0 for none
     * @param receivedBytes on all its interfaces but loopback; 0 in the host's network
     * @param readBytes from block devices
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record OfContainer(
            String id,
            String name,
            String image,
            long cpuNanos,
            long throttledNanos,
            long memoryBytes,
            long memoryLimitBytes,
            long pids,
            long receivedBytes,
            long sentBytes,
            long readBytes,
            long writtenBytes) {}
}
