package io.berth.linux.host;

import io.berth.linux.KernelVersion;
import io.berth.linux.capability.CapabilitySet;
import java.util.List;
import java.util.Set;

/**
 * What was found on a host, without judgement.
 *
 * @param kernel version
 * @param release the kernel's own name of its version
 * @param cgroup1Controllers controllers with a version 1 hierarchy that is mounted
 * @param cgroup2Controllers controllers of the version 2 hierarchy; empty when there are none or it is not mounted
 * @param cgroup2Mounted whether the version 2 hierarchy is mounted
 * @param features kernel features that answered when they were tried
 * @param maxUserNamespaces {@code /proc/sys/user/max_user_namespaces}; 0 when there are no user namespaces
 * @param capabilities effective capabilities of this process
 * @param maxOpenFiles hard limit of this process; {@code Long.MAX_VALUE} for none
 * @param maxProcesses hard limit of this process's user; {@code Long.MAX_VALUE} for none
 * @param maxPids {@code /proc/sys/kernel/pid_max}
 * @param droppingForwardChains chains of this network namespace that packets pass which are forwarded, and that drop what their
 *     rules do not decide on, such as {@code ip filter FORWARD}
 */
public record HostFacts(
        KernelVersion kernel,
        String release,
        Set<String> cgroup1Controllers,
        Set<String> cgroup2Controllers,
        boolean cgroup2Mounted,
        Set<Feature> features,
        long maxUserNamespaces,
        CapabilitySet capabilities,
        long maxOpenFiles,
        long maxProcesses,
        long maxPids,
        List<String> droppingForwardChains) {
    /** Kernel features that can be tried without effect. */
    public enum Feature {
        OPENAT2,
        CLONE3,
        MOUNT_API,
        MOUNT_SETATTR,
        OVERLAY,
        OVERLAY_LAYER_PARAMETERS,
        SECCOMP_FILTER,
        PIDFD,
        PIDFD_INFO,
        CLOSE_RANGE,
        NFTABLES
    }

    public HostFacts {
        cgroup1Controllers = Set.copyOf(cgroup1Controllers);
        cgroup2Controllers = Set.copyOf(cgroup2Controllers);
        features = Set.copyOf(features);
        droppingForwardChains = List.copyOf(droppingForwardChains);
    }

    boolean has(Feature feature) {
        return features.contains(feature);
    }
}
