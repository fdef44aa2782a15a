package io.berth.engine.container;

import io.berth.docker.ApiVersion;
import io.berth.docker.Decimal;
import io.berth.docker.DockerJson;
import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.HostConfig;
import io.berth.docker.error.Conflict;
import io.berth.docker.error.InvalidParameter;
import io.berth.engine.network.Connections;
import io.berth.engine.network.ContainerNetworks;
import io.berth.engine.network.NetworkState;
import io.berth.engine.runtime.ContainerId;
import io.berth.engine.runtime.ContainerLaunch;
import io.berth.engine.runtime.ContainerProcess;
import io.berth.engine.runtime.ContainerProcess.Exit;
import io.berth.engine.runtime.ContainerRuntime;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.stream.ClientFeed;
import io.berth.engine.stream.OutputHub;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.RenameFlag;
import io.berth.node.BuildStep;
import io.berth.node.BuildStep.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs commands of builds: each in a container with all the isolation that containers have, which is in no list and in no
 * database. When the engine is killed, the next one clears it away as it does with everything that nobody answers for.
 *
 * <p>Thread-safe.
 */
@Component
public final class RunBuildStep {
    private static final Logger LOG = LoggerFactory.getLogger(RunBuildStep.class);

    /** Longest silence towards the caller, who takes more of it for the engine's end. */
    private static final Duration BEAT = Duration.ofSeconds(3);

    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(2);
    private static final int NOT_FOUND = 127;
    private static final int NOT_EXECUTABLE = 126;

    private final Containers containers;
    private final ContainerDirectories directories;
    private final ContainerNetworks networks;
    private final ContainerTexts texts;
    private final NetworkChoice choice;
    private final ContainerRuntime runtime;
    private final LaunchPlan plan;
    private final BuildStepMounts mounts;
    private final LeftOvers leftOvers;
    private final RemovedDirectories removed;
    private final Map<String, ContainerId> running = new ConcurrentHashMap<>();

    @SuppressWarnings("TooManyParameters") // what a create, a start and a removal need, once
    RunBuildStep(
            Containers containers,
            ContainerDirectories directories,
            ContainerNetworks networks,
            ContainerTexts texts,
            NetworkChoice choice,
            ContainerRuntime runtime,
            LaunchPlan plan,
            BuildStepMounts mounts,
            LeftOvers leftOvers,
            RemovedDirectories removed) {
        this.containers = containers;
        this.directories = directories;
        this.networks = networks;
        this.texts = texts;
        this.choice = choice;
        this.runtime = runtime;
        this.plan = plan;
        this.mounts = mounts;
        this.leftOvers = leftOvers;
        this.removed = removed;
    }

    /** Gets the command's output. */
    public interface Output {
        /** A piece of it; an empty one only shows that the command goes on. */
        void write(ContainerProcess.Stream stream, byte[] content) throws IOException;
    }

    /**
     * Runs a command and returns when it has ended and none of its processes is left. What was held for it is given back soon after.
     *
     * @throws InvalidParameter when the request is wrong
     * @throws Conflict when there is a container or a step of this id
     * @throws IOException what the output threw; the command has been killed then
     */
    public BuildStep.Result run(BuildStep step, Output output) throws IOException, InterruptedException {
        if (!ContainerId.isValid(step.id()) || step.argv().isEmpty()) {
            throw new InvalidParameter("a build step needs an id of 64 hex digits and a command");
        }
        Path target = Path.of(step.upperDirectory());
        if (!target.isAbsolute() || target.getParent() == null) {
            throw new InvalidParameter("not an absolute path: " + target);
        }
        ContainerId id = new ContainerId(step.id());
        // From here on somebody answers for what there is of it.
        containers.reserve(step.id(), id);
        running.put(step.id(), id);
        try {
            return run(spec(step), step, target, output);
        } finally {
            running.remove(step.id());
            clear(step, id);
        }
    }

    /** Kills a command that runs; whoever waits for it goes on. */
    public void stop(String id) {
        ContainerId found = running.get(id);
        if (found != null) {
            runtime.killAll(found);
        }
    }

    private BuildStep.Result run(ContainerSpec spec, BuildStep step, Path target, Output output)
            throws IOException, InterruptedException {
        List<String> _ = plan.check(spec);
        ContainerSnapshot snapshot =
                new ContainerSnapshot(spec, step.id(), ContainerState.CREATED, null, NetworkState.NONE);
        directories.create(spec);
        Connections connections = networks.begin(NetworkUse.request(snapshot), ContainerTexts.resolver(spec));
        OutputHub hub = new OutputHub();
        try (ClientFeed feed = hub.attach(true, true)) {
            String _ = texts.write(snapshot, connections);
            ContainerProcess process = start(spec, step, connections);
            networks.started(connections, NetworkUse.namespaceOf(spec.id(), process.identity()));
            process.deliverTo(hub);
            CompletableFuture<?> _ = process.exit().thenRunAsync(() -> finish(process, hub));
            Exit exit = follow(process, feed, output);
            boolean outOfMemory = runtime.outOfMemoryKills(spec.containerId()) > 0;
            if (exit.code() == 0) {
                handOver(directories.of(spec.containerId()), target);
            }
            return new BuildStep.Result(exit.code(), outOfMemory, "");
        } catch (LaunchFailure e) {
            return new BuildStep.Result(exitCode(e.kind()), false, String.valueOf(e.getMessage()));
        }
    }

    private ContainerProcess start(ContainerSpec spec, BuildStep step, Connections connections) {
        try {
            ContainerLaunch launch = plan.of(spec, user -> networks.open(connections, user));
            return runtime.start(launch.withMounts(mounts.place(step)));
        } finally {
            mounts.clear(step);
        }
    }

    private static void finish(ContainerProcess process, OutputHub hub) {
        try {
            Object _ = process.drained().get(DRAIN_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.atDebug().setCause(e).log("a build step's output stays open after its end");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        hub.finish();
    }

    /** Hands output on until there is no more of it. A caller who has gone ends the command. */
    private Exit follow(ContainerProcess process, ClientFeed feed, Output output)
            throws IOException, InterruptedException {
        boolean complete = false;
        try {
            while (true) {
                switch (feed.take(BEAT)) {
                    case ClientFeed.Taken.Output(ClientFeed.Chunk chunk) ->
                        output.write(chunk.stream(), chunk.content());
                    case ClientFeed.Taken.Nothing() -> output.write(ContainerProcess.Stream.STDOUT, new byte[0]);
                    case ClientFeed.Taken.End() -> {
                        complete = process.exit().isDone();
                        if (!complete) {
                            throw new IOException("the build step's output was cut off: its reader is too slow");
                        }
                        return process.exit().join();
                    }
                }
            }
        } finally {
            if (!complete) {
                process.signal(Signals.SIGKILL);
            }
        }
    }

    private static void handOver(Path container, Path target) {
        try (Directory from = Directory.open(container);
                Directory to = Directory.open(target.resolveSibling(""))) {
            from.rename("upper", to, target.getFileName().toString(), Set.of(RenameFlag.NO_REPLACE));
        }
    }

    /** The next step of the build need not wait for more than the end of what could still write. */
    private void clear(BuildStep step, ContainerId id) {
        clearing(id, () -> runtime.killAll(id));
        boolean defaultBridge = step.network().equals("bridge");
        if (!defaultBridge) {
            // Its user may remove it when the build has ended.
            clearing(id, () -> disconnect(step));
        }
        removed.clear(() -> {
            if (defaultBridge) {
                clearing(id, () -> disconnect(step));
            }
            clearing(id, () -> runtime.release(id));
            clearing(id, () -> runtime.deleteDirectory(directories.of(id)));
            containers.release(step.id(), id);
        });
    }

    private void disconnect(BuildStep step) {
        Optional<Connections> _ = networks.end(step.id());
    }

    private void clearing(ContainerId id, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).addKeyValue("containerId", id).log("a build step's remains not cleared away");
            leftOvers.clearLater();
        }
    }

    private static int exitCode(LaunchFailure.Kind kind) {
        return switch (kind) {
            case PROGRAM_NOT_FOUND -> NOT_FOUND;
            case PROGRAM_NOT_EXECUTABLE, INVALID_PROCESS -> NOT_EXECUTABLE;
            case INVALID_SETTING, CONTAINER_STOPPED, SYSTEM -> Exit.UNKNOWN;
        };
    }

    private ContainerSpec spec(BuildStep step) {
        ContainerConfig config = DockerJson.MAPPER.convertValue(
                Map.of(
                        "Hostname", step.hostname(),
                        "User", step.user(),
                        "Env", step.env(),
                        "WorkingDir", step.workingDirectory(),
                        "Cmd", step.argv()),
                ContainerConfig.class);
        HostConfig host = hostConfig(step);
        RequestCheck.check(config, host);
        NetworkChoice.Chosen networks = choice.of(config, host, null, ApiVersion.MAX);
        return new ContainerSpec(
                step.id(),
                Instant.now(),
                "",
                "",
                step.layers(),
                step.argv().getFirst(),
                step.argv().subList(1, step.argv().size()),
                config,
                host,
                List.of(),
                null,
                networks.endpoints(),
                networks.names(),
                Map.of());
    }

    private static HostConfig hostConfig(BuildStep step) {
        Limits limits = step.limits();
        ObjectNode host = DockerJson.MAPPER.createObjectNode();
        host.put("NetworkMode", step.network());
        host.put("Privileged", step.insecure());
        host.put("Memory", limits.memory());
        host.put("MemorySwap", limits.memorySwap());
        host.put("CpuShares", limits.cpuShares());
        host.put("CpuPeriod", limits.cpuPeriod());
        host.put("CpuQuota", limits.cpuQuota());
        host.put("CpusetCpus", limits.cpusetCpus());
        host.put("CpusetMems", limits.cpusetMems());
        host.put("ShmSize", limits.shmSize());
        host.put("CgroupParent", limits.cgroupParent());
        ArrayNode extraHosts = host.putArray("ExtraHosts");
        step.extraHosts().forEach(extraHosts::add);
        List<ObjectNode> ulimits = new ArrayList<>();
        limits.ulimits().forEach(ulimit -> ulimits.add(ulimit(ulimit)));
        host.putArray("Ulimits").addAll(ulimits);
        return DockerJson.MAPPER.treeToValue(host, HostConfig.class);
    }

    /** {@code name=soft[:hard]}, as on the command line. */
    private static ObjectNode ulimit(String text) {
        String[] parts = text.split("[=:]");
        try {
            long soft = Decimal.parseLong(parts[1]);
            return DockerJson.MAPPER
                    .createObjectNode()
                    .put("Name", parts[0])
                    .put("Soft", soft)
                    .put("Hard", parts.length > 2 ? Decimal.parseLong(parts[2]) : soft);
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new InvalidParameter("invalid ulimit argument: " + text, e);
        }
    }
}
