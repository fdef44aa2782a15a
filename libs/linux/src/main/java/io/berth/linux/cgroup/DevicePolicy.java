package io.berth.linux.cgroup;

import java.util.ArrayList;
import java.util.List;

/**
 * Which device nodes a group's processes may use: those that a rule allows, and no others.
 *
 * @param all whether every device may be used, whatever the rules
 */
public record DevicePolicy(boolean all, List<DeviceRule> rules) {
    /** All of them. */
    public static final DevicePolicy ALL = new DevicePolicy(true, List.of());

    /**
     * Making any node, but opening only null, zero, full, random, urandom, tty, ptmx and pseudo-terminals (runc:
     * libcontainer/specconv, AllowedDevices).
     */
    public static final DevicePolicy CONTAINER_DEFAULT = new DevicePolicy(
            false,
            List.of(
                    new DeviceRule(DeviceRule.Type.ALL, DeviceRule.ANY, DeviceRule.ANY, "m"),
                    character(1, 3),
                    character(1, 5),
                    character(1, 7),
                    character(1, 8),
                    character(1, 9),
                    character(5, 0),
                    character(5, 2),
                    character(136, DeviceRule.ANY)));

    public DevicePolicy {
        rules = List.copyOf(rules);
    }

    private static DeviceRule character(int major, int minor) {
        return new DeviceRule(DeviceRule.Type.CHARACTER, major, minor, "rwm");
    }

    /** These and further ones. */
    public DevicePolicy allowing(List<DeviceRule> further) {
        if (further.isEmpty() || all) {
            return this;
        }
        List<DeviceRule> together = new ArrayList<>(rules);
        together.addAll(further);
        return new DevicePolicy(false, together);
    }

    /** What version 1's {@code devices.allow} is to be given. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (DeviceRule rule : rules) {
            if (rule.type() != DeviceRule.Type.BLOCK) {
                lines.add(rule.line('c'));
            }
            if (rule.type() != DeviceRule.Type.CHARACTER) {
                lines.add(rule.line('b'));
            }
        }
        return lines;
    }
}
