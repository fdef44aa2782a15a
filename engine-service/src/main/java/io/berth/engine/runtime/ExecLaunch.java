package io.berth.engine.runtime;

import io.berth.linux.capability.CapabilitySet;
import java.nio.file.Path;

/**
 * A further process in a running container.
 *
 * @param execId names the exec's streams
 * @param containerId whose namespaces, cgroup and root it joins
 * @param directory the container's own directory
 * @param process what to run
 * @param containerCapabilities those of the container itself: its seccomp filter is made for them, and holds for a privileged
 *     exec too
 */
public record ExecLaunch(
        ContainerId execId,
        ContainerId containerId,
        Path directory,
        ContainerLaunch.ProcessLaunch process,
        CapabilitySet containerCapabilities) {}
