package io.berth.engine.system.web;

import io.berth.docker.system.InfoResponse;
import io.berth.docker.system.InfoResponse.Commit;
import io.berth.docker.system.InfoResponse.Index;
import io.berth.docker.system.InfoResponse.Plugins;
import io.berth.docker.system.InfoResponse.RegistryConfig;
import io.berth.docker.system.InfoResponse.RuntimeInfo;
import io.berth.docker.system.InfoResponse.Swarm;
import io.berth.engine.container.Container;
import io.berth.engine.container.ContainerDirectories;
import io.berth.engine.container.ContainerStatus;
import io.berth.engine.container.Containers;
import io.berth.engine.event.EngineEvents;
import io.berth.engine.image.Images;
import io.berth.engine.log.LogDrivers;
import io.berth.engine.log.LogProperties;
import io.berth.engine.runtime.ContainerRuntime;
import io.berth.engine.system.EngineIdentity;
import io.berth.engine.system.HostFacts;
import io.berth.engine.web.EngineVersion;
import io.berth.linux.cgroup.CgroupSupport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.springframework.stereotype.Component;

/** Gathers what {@code docker info} shows. */
@Component
class InfoReport {
    private final Containers containers;
    private final ContainerDirectories directories;
    private final Images images;
    private final EngineEvents events;
    private final HostFacts host;
    private final EngineIdentity identity;
    private final EngineVersion version;
    private final ContainerRuntime runtime;
    private final LogProperties logging;

    InfoReport(
            Containers containers,
            ContainerDirectories directories,
            Images images,
            EngineEvents events,
            HostFacts host,
            EngineIdentity identity,
            EngineVersion version,
            ContainerRuntime runtime,
            LogProperties logging) {
        this.containers = containers;
        this.directories = directories;
        this.images = images;
        this.events = events;
        this.host = host;
        this.identity = identity;
        this.version = version;
        this.runtime = runtime;
        this.logging = logging;
    }

    InfoResponse report() {
        List<ContainerStatus> states = containers.all().stream()
                .map(Container::snapshot)
                .map(container -> container.state().status())
                .toList();
        int running = count(states, ContainerStatus.RUNNING) + count(states, ContainerStatus.RESTARTING);
        int paused = count(states, ContainerStatus.PAUSED);
        OptionalInt imageCount = images.count();
        CgroupSupport limits = runtime.support();
        return new InfoResponse(
                identity.id(),
                states.size(),
                running,
                paused,
                states.size() - running - paused,
                imageCount.orElse(0),
                "overlay2",
                List.of(List.of("Supports d_type", "true"), List.of("Native Overlay Diff", "true")),
                new Plugins(
                        List.of("local"),
                        List.of("bridge", "host", "ipvlan", "macvlan", "null"),
                        null,
                        LogDrivers.names()),
                limits.memory(),
                limits.swap(),
                limits.cpuQuota(),
                limits.cpuQuota(),
                limits.cpuShares(),
                limits.cpuset(),
                limits.pids(),
                limits.oomKillDisable(),
                host.ipv4Forwarding(),
                false,
                host.openDescriptors(),
                Thread.activeCount(),
                Instant.now().toString(),
                logging.driver(),
                "cgroupfs",
                host.cgroupVersion(),
                events.listeners(),
                host.kernelVersion(),
                host.operatingSystem(),
                host.operatingSystemVersion(),
                "linux",
                host.machine(),
                "https://index.docker.io/v1/",
                registries(),
                host.cpus(),
                host.memoryBytes(),
                null,
                directories.dataDirectory().toString(),
                "",
                "",
                "",
                host.hostName(),
                List.of(),
                false,
                version.asDockers(),
                Map.of("berth", new RuntimeInfo("berth")),
                "berth",
                new Swarm("", "", "inactive", false, "", null),
                true,
                "",
                "",
                new Commit(""),
                new Commit(""),
                new Commit(""),
                securityOptions(),
                List.of(),
                warnings(imageCount.isPresent(), limits));
    }

    private static int count(List<ContainerStatus> states, ContainerStatus status) {
        return (int) states.stream().filter(status::equals).count();
    }

    private static RegistryConfig registries() {
        return new RegistryConfig(
                List.of("::1/128", "127.0.0.0/8"),
                Map.of("docker.io", new Index("docker.io", List.of(), true, true)),
                null);
    }

    private List<String> securityOptions() {
        List<String> options = new ArrayList<>();
        if (host.appArmor()) {
            options.add("name=apparmor");
        }
        options.add("name=seccomp,profile=builtin");
        options.add("name=cgroupns");
        return options;
    }

    /** In moby's words where it has them (moby: daemon/info_unix.go). */
    private List<String> warnings(boolean imagesAnswer, CgroupSupport limits) {
        Map<String, Boolean> present = new LinkedHashMap<>();
        present.put("No memory limit support", limits.memory());
        present.put("No swap limit support", limits.swap());
        present.put(
                "No oom kill disable support",
                limits.oomKillDisable() || host.cgroupVersion().equals("2"));
        present.put("No cpu cfs quota support", limits.cpuQuota());
        present.put("No cpu shares support", limits.cpuShares());
        present.put("No cpuset support", limits.cpuset());
        present.put("IPv4 forwarding is disabled", host.ipv4Forwarding());
        present.put("image-service does not answer", imagesAnswer);
        return present.entrySet().stream()
                .filter(entry -> !entry.getValue())
                .map(entry -> "WARNING: " + entry.getKey())
                .toList();
    }
}
