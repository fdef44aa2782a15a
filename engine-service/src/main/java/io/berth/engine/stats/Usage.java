package io.berth.engine.stats;

import io.berth.linux.cgroup.CgroupStats;
import java.util.Map;

/**
 * What a container has used, without what would have to be read of the host.
 *
 * @param interfaces by name, without loopback
 */
public record Usage(CgroupStats cgroup, Map<String, InterfaceCounters> interfaces) {
    public Usage {
        interfaces = Map.copyOf(interfaces);
    }
}
