package io.berth.engine.runtime;

import java.util.List;

/**
 * Devices of the host that a container may use beside the usual ones.
 *
 * @param nodes that appear in the container
 * @param rules further rules in the format of the devices cgroup, such as {@code c 1:3 mr}
 */
public record DeviceLaunch(List<Node> nodes, List<String> rules) {
    /** None. */
    public static final DeviceLaunch NONE = new DeviceLaunch(List.of(), List.of());

    public DeviceLaunch {
        nodes = List.copyOf(nodes);
        rules = List.copyOf(rules);
    }

    /**
     * @param hostPath of the device; a directory stands for all devices below it
     * @param path inside the container
     * @param permissions any of {@code r}, {@code w}, {@code m}
     */
    public record Node(String hostPath, String path, String permissions) {}
}
