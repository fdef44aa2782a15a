package io.berth.engine.stats.web;

import io.berth.docker.system.UsageResponse;
import io.berth.engine.container.Container;
import io.berth.engine.container.ContainerSnapshot;
import io.berth.engine.container.Containers;
import io.berth.engine.stats.ContainerStats;
import io.berth.engine.stats.InterfaceCounters;
import io.berth.engine.stats.Usage;
import io.berth.linux.cgroup.CgroupStats;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /berth/usage}: what all running containers use, in one call. Berth's own; no Docker engine has it. */
@RestController
class UsageController {
    private static final Logger LOG = LoggerFactory.getLogger(UsageController.class);

    private final Containers containers;
    private final ContainerStats stats;

    UsageController(Containers containers, ContainerStats stats) {
        this.containers = containers;
        this.stats = stats;
    }

    @GetMapping("/berth/usage")
    UsageResponse usage() {
        List<UsageResponse.OfContainer> all = new ArrayList<>();
        for (Container container : containers.all()) {
            try {
                stats.usage(container).ifPresent(usage -> all.add(entry(container.snapshot(), usage.cgroup(), usage)));
            } catch (RuntimeException e) {
                // One that is going away must not hide the others.
                LOG.atDebug()
                        .setCause(e)
                        .addKeyValue("containerId", container.id())
                        .log("a container could not be sampled");
            }
        }
        return new UsageResponse(all);
    }

    private static UsageResponse.OfContainer entry(ContainerSnapshot container, CgroupStats cgroup, Usage usage) {
        return new UsageResponse.OfContainer(
                container.id().value(),
                container.name(),
                container.spec().imageReference(),
                cgroup.cpuNanos(),
                cgroup.throttledNanos(),
                cgroup.memoryWithoutCacheBytes(),
                cgroup.memoryLimitBytes() == Long.MAX_VALUE ? 0 : cgroup.memoryLimitBytes(),
                cgroup.pids(),
                sum(usage, InterfaceCounters::rxBytes),
                sum(usage, InterfaceCounters::txBytes),
                blockIo(cgroup, "read"),
                blockIo(cgroup, "write"));
    }

    private static long sum(Usage usage, ToLongFunction<InterfaceCounters> counter) {
        return usage.interfaces().values().stream().mapToLong(counter).sum();
    }

    private static long blockIo(CgroupStats cgroup, String operation) {
        return cgroup.blockIoBytes().stream()
                .filter(io -> io.operation().toLowerCase(Locale.ROOT).equals(operation))
                .mapToLong(CgroupStats.BlockIo::value)
                .sum();
    }
}
