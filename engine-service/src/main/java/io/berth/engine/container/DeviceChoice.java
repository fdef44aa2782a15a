package io.berth.engine.container;

import io.berth.docker.container.DeviceMapping;
import io.berth.docker.container.HostConfig;
import io.berth.docker.error.InvalidParameter;
import io.berth.engine.runtime.DeviceLaunch;
import io.berth.linux.cgroup.DeviceRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which of the host's devices a container gets. */
final class DeviceChoice {
    private DeviceChoice() {}

    /**
     * @throws InvalidParameter for a mapping or rule that is not one
     */
    static DeviceLaunch of(HostConfig host) {
        List<DeviceLaunch.Node> nodes = new ArrayList<>();
        for (DeviceMapping device : orEmpty(host.devices())) {
            boolean absolute = device.pathOnHost().startsWith("/")
                    && device.pathInContainer().startsWith("/")
                    && !List.of(device.pathInContainer().split("/")).contains("..");
            if (!absolute) {
                throw new InvalidParameter("invalid device mapping: " + device.pathOnHost() + ":"
                        + device.pathInContainer() + ": paths must be absolute");
            }
            if (!device.cgroupPermissions().matches("[rwm]{1,3}")) {
                throw new InvalidParameter("bad mode specified: " + device.cgroupPermissions());
            }
            nodes.add(new DeviceLaunch.Node(device.pathOnHost(), device.pathInContainer(), device.cgroupPermissions()));
        }
        for (String rule : orEmpty(host.deviceCgroupRules())) {
            try {
                DeviceRule _ = DeviceRule.parse(rule);
            } catch (IllegalArgumentException e) {
                throw new InvalidParameter(String.valueOf(e.getMessage()), e);
            }
        }
        return new DeviceLaunch(nodes, orEmpty(host.deviceCgroupRules()));
    }

    /**
     * Refuses what only a driver could fulfil, as dockerd does when the container is started.
     *
     * @throws InvalidParameter in moby's words
     */
    static void refuseRequests(HostConfig host) {
        for (Map<String, Object> request : orEmpty(host.deviceRequests())) {
            Object driver = request.getOrDefault("Driver", "");
            Object capabilities = request.get("Capabilities");
            throw new InvalidParameter("could not select device driver \"" + (driver == null ? "" : driver)
                    + "\" with capabilities: " + goText(capabilities));
        }
    }

    /** As Go prints lists: {@code [[gpu utility]]}. */
    private static String goText(@Nullable Object capabilities) {
        return capabilities == null ? "[]" : capabilities.toString().replace(",", "");
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
