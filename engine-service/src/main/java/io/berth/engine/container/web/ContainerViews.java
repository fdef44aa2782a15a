package io.berth.engine.container.web;

import io.berth.docker.ApiVersion;
import io.berth.docker.DockerJson;
import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.ContainerSummary;
import io.berth.docker.container.ContainerSummary.HealthSummary;
import io.berth.docker.container.ContainerSummary.HostConfigSummary;
import io.berth.docker.container.ContainerSummary.NetworkSummary;
import io.berth.docker.container.HealthResponse;
import io.berth.docker.container.HostConfig;
import io.berth.docker.container.InspectResponse;
import io.berth.docker.container.InspectResponse.GraphDriver;
import io.berth.docker.container.MountPoint;
import io.berth.docker.container.StateResponse;
import io.berth.docker.network.EndpointConfig;
import io.berth.engine.container.AppArmorChoice;
import io.berth.engine.container.Container;
import io.berth.engine.container.ContainerSizes;
import io.berth.engine.container.ContainerSnapshot;
import io.berth.engine.container.ContainerSpec;
import io.berth.engine.container.ContainerState;
import io.berth.engine.container.ContainerStatus;
import io.berth.engine.container.Health;
import io.berth.engine.mount.ContainerMount;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Containers as the API shows them. */
final class ContainerViews {
    private static final String NEVER = "0001-01-01T00:00:00Z";

    private ContainerViews() {}

    static InspectResponse inspect(Container container, @Nullable ContainerSizes sizes, ApiVersion version) {
        ContainerSnapshot snapshot = container.snapshot();
        ContainerSpec spec = snapshot.spec();
        Path directory = container.directory();
        List<String> execs = List.copyOf(container.execIds());
        // Docker makes these files when a container is started first.
        boolean files = snapshot.state().startedAt() != null;
        return new InspectResponse(
                spec.id(),
                spec.created().toString(),
                spec.path(),
                spec.args(),
                state(snapshot.state(), snapshot.health()),
                spec.imageId(),
                files ? directory.resolve("resolv.conf").toString() : "",
                files ? directory.resolve("hostname").toString() : "",
                files ? directory.resolve("hosts").toString() : "",
                files ? container.log().path().map(Path::toString).orElse("") : "",
                "/" + snapshot.name(),
                snapshot.state().restartCount(),
                "overlay2",
                "linux",
                "",
                "",
                AppArmorChoice.of(spec.hostConfig()),
                execs.isEmpty() ? null : execs,
                withLinks(spec.hostConfig(), snapshot.name()),
                graphDriver(spec, directory),
                sizes == null ? null : sizes.writable(directory),
                sizes == null ? null : sizes.root(spec, directory),
                mounts(spec),
                withMacAddress(spec, version),
                NetworkSettingsViews.settings(snapshot, version));
    }

    /** Clients before 1.52 look for the address of a container's first network here. */
    private static ContainerConfig withMacAddress(ContainerSpec spec, ApiVersion version) {
        @Nullable EndpointConfig first = spec.networks().get(spec.hostConfig().networkMode());
        String address = first == null || version.atLeast(1, 52) ? null : first.macAddress();
        if (address == null || address.isEmpty()) {
            return spec.config();
        }
        ObjectNode tree = DockerJson.MAPPER.valueToTree(spec.config());
        tree.put("MacAddress", address);
        return DockerJson.MAPPER.treeToValue(tree, ContainerConfig.class);
    }

    /** Links as paths, as Docker shows them: {@code /db:/web/alias} (moby: daemon/inspect.go). */
    private static HostConfig withLinks(HostConfig host, String name) {
        List<String> links = host.links();
        if (links == null || links.isEmpty()) {
            return host;
        }
        ObjectNode tree = DockerJson.MAPPER.valueToTree(host);
        ArrayNode shown = tree.putArray("Links");
        for (String link : links) {
            String[] parts = link.split(":", 2);
            String child = parts[0].startsWith("/") ? parts[0] : "/" + parts[0];
            shown.add(child + ":/" + name + "/" + parts[parts.length - 1].replaceFirst("^/", ""));
        }
        return DockerJson.MAPPER.treeToValue(tree, HostConfig.class);
    }

    private static List<MountPoint> mounts(ContainerSpec spec) {
        return spec.mounts().stream().map(ContainerMount::point).toList();
    }

    private static GraphDriver graphDriver(ContainerSpec spec, Path directory) {
        return new GraphDriver(
                Map.of(
                        "LowerDir", String.join(":", spec.layers().reversed()),
                        "UpperDir", directory.resolve("upper").toString(),
                        "WorkDir", directory.resolve("work").toString()),
                "overlay2");
    }

    private static @Nullable HealthResponse health(@Nullable Health health) {
        return health == null
                ? null
                : new HealthResponse(
                        health.status().text(),
                        health.failingStreak(),
                        health.log().stream()
                                .map(probe -> new HealthResponse.Result(
                                        probe.start().toString(),
                                        probe.end().toString(),
                                        probe.exitCode(),
                                        probe.output()))
                                .toList());
    }

    private static HealthSummary healthSummary(@Nullable Health health) {
        return health == null
                ? new HealthSummary("none", 0)
                : new HealthSummary(health.status().text(), health.failingStreak());
    }

    private static StateResponse state(ContainerState state, @Nullable Health health) {
        boolean running = state.running();
        return new StateResponse(
                state.status().text(),
                running,
                state.status() == ContainerStatus.PAUSED,
                state.status() == ContainerStatus.RESTARTING,
                state.oomKilled(),
                state.status() == ContainerStatus.DEAD,
                state.process() == null ? 0 : state.process().pid(),
                state.exitCode(),
                state.error(),
                time(state.startedAt()),
                time(state.finishedAt()),
                health(health));
    }

    private static String time(@Nullable Instant time) {
        return time == null ? NEVER : time.toString();
    }

    /** Bytes of the writable layer, and of all layers. */
    record Sizes(long writable, long root) {}

    static ContainerSummary summary(
            ContainerSnapshot snapshot, @Nullable Sizes sizes, Instant now, ApiVersion version) {
        ContainerSpec spec = snapshot.spec();
        return new ContainerSummary(
                spec.id(),
                List.of("/" + snapshot.name()),
                spec.imageReference(),
                spec.imageId(),
                command(spec),
                spec.created().getEpochSecond(),
                NetworkSettingsViews.summaries(snapshot),
                sizes == null ? null : unlessZero(sizes.writable()),
                sizes == null ? null : unlessZero(sizes.root()),
                spec.labels(),
                snapshot.state().status().text(),
                StatusText.of(snapshot.state(), snapshot.health(), now),
                new HostConfigSummary(spec.hostConfig().networkMode()),
                new NetworkSummary(NetworkSettingsViews.networks(snapshot, true, version)),
                mounts(spec),
                version.atLeast(1, 52) ? healthSummary(snapshot.health()) : null);
    }

    /** Lists leave out sizes of zero. */
    private static @Nullable Long unlessZero(long bytes) {
        return bytes == 0 ? null : bytes;
    }

    /** Docker quotes arguments with spaces. */
    private static String command(ContainerSpec spec) {
        StringBuilder command = new StringBuilder(spec.path());
        for (String argument : spec.args()) {
            boolean quoted = argument.isEmpty() || argument.chars().anyMatch(Character::isWhitespace);
            command.append(' ').append(quoted ? "'" + argument.replace("'", "'\\''") + "'" : argument);
        }
        return command.toString();
    }
}
