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
import io.berth.engine.system.EngineIdentity;
import io.berth.engine.system.HostFacts;
import io.berth.engine.web.EngineVersion;
import java.time.Instant;
import java.util.ArrayList;
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

    InfoReport(
            Containers containers,
            ContainerDirectories directories,
            Images images,
            EngineEvents events,
            HostFacts host,
            EngineIdentity identity,
            EngineVersion version) {
        this.containers = containers;
        this.directories = directories;
        this.images = images;
        this.events = events;
        this.host = host;
        this.identity = identity;
        this.version = version;
    }

    InfoResponse report() {
        List<ContainerStatus> states = containers.all().stream()
                .map(Container::snapshot)
                .map(container -> container.state().status())
                .toList();
        int running = count(states, ContainerStatus.RUNNING) + count(states, ContainerStatus.RESTARTING);
        int paused = count(states, ContainerStatus.PAUSED);
        OptionalInt imageCount = images.count();
        boolean memory = host.hasController("memory");
        boolean cpu = host.hasController("cpu");
        return new InfoResponse(
                identity.id(),
                states.size(),
                running,
                paused,
                states.size() - running - paused,
                imageCount.orElse(0),
                "overlay2",
                List.of(List.of("Supports d_type", "true"), List.of("Native Overlay Diff", "true")),
                new Plugins(List.of(), List.of("bridge", "null"), null, List.of("json-file", "none")),
                memory,
                memory,
                cpu,
                cpu,
                cpu,
                host.hasController("cpuset"),
                host.hasController("pids"),
                false,
                host.ipv4Forwarding(),
                false,
                host.openDescriptors(),
                Thread.activeCount(),
                Instant.now().toString(),
                "json-file",
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
                version.version(),
                Map.of("berth", new RuntimeInfo("berth")),
                "berth",
                new Swarm("", "", "inactive", false, "", null),
                true,
                "",
                "",
                new Commit(""),
                new Commit(""),
                new Commit(""),
                List.of("name=seccomp,profile=builtin", "name=cgroupns"),
                List.of(),
                warnings(imageCount.isPresent(), memory));
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

    private static List<String> warnings(boolean imagesAnswer, boolean memory) {
        List<String> warnings = new ArrayList<>();
        warnings.add("WARNING: containers have a network namespace of their own with loopback only");
        if (!memory) {
            warnings.add("WARNING: No memory limit support");
        }
        if (!imagesAnswer) {
            warnings.add("WARNING: image-service does not answer");
        }
        return warnings;
    }
}
