package io.berth.engine.runtime;

import java.nio.file.Path;

/**
 * A further process in a running container.
 *
 * @param execId names the exec's streams
 * @param containerId whose namespaces, cgroup and root it joins
 * @param directory the container's own directory
 * @param process what to run
 * @param privileged all capabilities and no seccomp filter
 */
public record ExecLaunch(
        ContainerId execId,
        ContainerId containerId,
        Path directory,
        ContainerLaunch.ProcessLaunch process,
        boolean privileged) {}
