package io.berth.engine.container.web;

import io.berth.docker.ApiVersion;
import io.berth.docker.container.ContainerSummary;
import io.berth.docker.container.ContainerSummary.HealthSummary;
import io.berth.docker.container.ContainerSummary.HostConfigSummary;
import io.berth.docker.container.ContainerSummary.NetworkSummary;
import io.berth.docker.container.HealthResponse;
import io.berth.docker.container.InspectResponse;
import io.berth.docker.container.InspectResponse.GraphDriver;
import io.berth.docker.container.MountPoint;
import io.berth.docker.container.NetworkSettingsResponse;
import io.berth.docker.container.StateResponse;
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

/** Containers as the API shows them. */
final class ContainerViews {
    private static final String NEVER = "0001-01-01T00:00:00Z";

    private ContainerViews() {}

    static InspectResponse inspect(Container container, @Nullable ContainerSizes sizes) {
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
                spec.hostConfig(),
                graphDriver(spec, directory),
                sizes == null ? null : sizes.writable(directory),
                sizes == null ? null : sizes.root(spec, directory),
                mounts(spec),
                spec.config(),
                network(snapshot));
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

    private static NetworkSettingsResponse network(ContainerSnapshot snapshot) {
        String sandbox = snapshot.state().process() == null
                ? ""
                : "/proc/" + snapshot.state().process().pid() + "/ns/net";
        String id = snapshot.state().process() == null ? "" : snapshot.id().value();
        return new NetworkSettingsResponse(id, sandbox, Map.of(), networks(snapshot.spec()));
    }

    private static Map<String, Map<String, Object>> networks(ContainerSpec spec) {
        // Every container has a network namespace of its own with nothing but loopback in it.
        return Map.of(
                spec.hostConfig().networkMode().equals("none")
                        ? "none"
                        : spec.hostConfig().networkMode(),
                Map.of(
                        "NetworkID", "",
                        "EndpointID", "",
                        "Gateway", "",
                        "IPAddress", "",
                        "IPPrefixLen", 0,
                        "MacAddress", ""));
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
                List.of(),
                sizes == null ? null : unlessZero(sizes.writable()),
                sizes == null ? null : unlessZero(sizes.root()),
                spec.labels(),
                snapshot.state().status().text(),
                StatusText.of(snapshot.state(), snapshot.health(), now),
                new HostConfigSummary(spec.hostConfig().networkMode()),
                new NetworkSummary(networks(spec)),
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
