package io.berth.engine.runtime;

import java.util.List;
import java.util.Map;

/**
 * What the kernel, the keeper of open files and the engine's own process hold at one moment.
 *
 * @param containers what is held for each container, known to the engine or not
 * @param descriptors open files of the engine's process: kind to number
 * @param threads of the engine's process
 * @param mounts mount points in the engine's mount namespace below its data directory
 * @param strays files that the keeper holds for nothing that is a container
 */
public record KernelHoldings(
        Map<ContainerId, OfContainer> containers,
        Map<String, Integer> descriptors,
        int threads,
        List<String> mounts,
        List<String> strays) {
    public KernelHoldings {
        containers = Map.copyOf(containers);
        descriptors = Map.copyOf(descriptors);
        mounts = List.copyOf(mounts);
        strays = List.copyOf(strays);
    }

    /**
     * What is held for one container.
     *
     * @param cgroups their directories
     * @param processes pids in the engine's view
     * @param namespaces that are not the engine's own, in the kernel's words, such as {@code net:[4026532008]}
     * @param mounts in its mount namespaces
     * @param keptFiles that the keeper holds, so that they outlive the engine
     */
    public record OfContainer(
            List<String> cgroups, List<Long> processes, List<String> namespaces, int mounts, int keptFiles) {
        /** Nothing. */
        public static final OfContainer NOTHING = new OfContainer(List.of(), List.of(), List.of(), 0, 0);

        public OfContainer {
            cgroups = List.copyOf(cgroups);
            processes = List.copyOf(processes);
            namespaces = List.copyOf(namespaces);
        }
    }
}
