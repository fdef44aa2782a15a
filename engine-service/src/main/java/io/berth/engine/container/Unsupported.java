package io.berth.engine.container;

import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.CreateRequest;
import io.berth.docker.container.HostConfig;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotImplemented;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what this engine cannot do yet and whose silent absence would surprise. What clients send by default (empty lists,
 * zeros, the default network) passes.
 */
final class Unsupported {
    private static final Set<String> NETWORKS = Set.of("default", "bridge", "none");

    private Unsupported() {}

    static void refuse(ContainerConfig config, HostConfig host, CreateRequest.@Nullable NetworkingConfig network) {
        refuseNetworks(host, network);
        refuseNamespaces(host);
        refuseDevices(host);
        refuse(Boolean.TRUE.equals(host.init()), "an init process (HostConfig.Init)");
        refuse(notEmpty(host.sysctls()), "sysctls");
        refuse(notEmpty(host.storageOpt()), "storage options");
        refuse(!host.cgroupParent().isEmpty(), "a cgroup parent");
        refuse(Boolean.TRUE.equals(host.oomKillDisable()), "disabling the OOM killer");
        refuse(host.memorySwappiness() != null && host.memorySwappiness() != -1, "memory swappiness");
        refuse(host.cpuRealtimePeriod() != 0 || host.cpuRealtimeRuntime() != 0, "real-time CPU limits");
        refuse(explicitHealthcheck(config), "health checks");
        if (!host.runtime().isEmpty() && !host.runtime().equals("berth")) {
            throw new InvalidParameter("unknown or invalid runtime name: " + host.runtime());
        }
        if (!host.isolation().isEmpty() && !host.isolation().equals("default")) {
            throw new InvalidParameter("invalid isolation '" + host.isolation() + "' on linux");
        }
    }

    private static void refuseNetworks(HostConfig host, CreateRequest.@Nullable NetworkingConfig network) {
        refuse(!NETWORKS.contains(host.networkMode()), "network mode \"" + host.networkMode() + "\"");
        boolean published = host.portBindings() != null
                && host.portBindings().values().stream().anyMatch(bindings -> bindings != null && !bindings.isEmpty());
        refuse(published || host.publishAllPorts(), "published ports");
        refuse(notEmpty(host.links()), "links");
        refuse(
                host.extraHosts() != null
                        && host.extraHosts().stream().anyMatch(extra -> extra.endsWith("host-gateway")),
                "the extra host host-gateway");
        if (network != null && network.endpointsConfig() != null) {
            for (String name : network.endpointsConfig().keySet()) {
                refuse(!NETWORKS.contains(name), "network \"" + name + "\"");
            }
        }
    }

    private static void refuseNamespaces(HostConfig host) {
        refuse(!host.pidMode().isEmpty() && !host.pidMode().equals("private"), "PID mode \"" + host.pidMode() + "\"");
        refuse(!Set.of("private", "shareable").contains(host.ipcMode()), "IPC mode \"" + host.ipcMode() + "\"");
        refuse(!host.utsMode().isEmpty(), "UTS mode \"" + host.utsMode() + "\"");
        refuse(!host.cgroupnsMode().equals("private"), "cgroup namespace mode \"" + host.cgroupnsMode() + "\"");
    }

    private static void refuseDevices(HostConfig host) {
        refuse(notEmpty(host.devices()), "devices");
        refuse(notEmpty(host.deviceRequests()), "device requests");
        refuse(notEmpty(host.deviceCgroupRules()), "device cgroup rules");
        refuse(
                host.blkioWeight() != 0
                        || notEmpty(host.blkioWeightDevice())
                        || notEmpty(host.blkioDeviceReadBps())
                        || notEmpty(host.blkioDeviceWriteBps())
                        || notEmpty(host.blkioDeviceReadIops())
                        || notEmpty(host.blkioDeviceWriteIops()),
                "block I/O limits");
    }

    private static boolean explicitHealthcheck(ContainerConfig config) {
        if (config.healthcheck() == null) {
            return false;
        }
        List<String> test = config.healthcheck().test() == null
                ? List.of()
                : config.healthcheck().test();
        return !test.isEmpty() && !test.getFirst().equals("NONE");
    }

    private static boolean notEmpty(@Nullable Collection<?> values) {
        return values != null && !values.isEmpty();
    }

    private static boolean notEmpty(@Nullable Map<?, ?> values) {
        return values != null && !values.isEmpty();
    }

    private static void refuse(boolean asked, String what) {
        if (asked) {
            throw new NotImplemented(what + ": not supported by this engine yet");
        }
    }
}
