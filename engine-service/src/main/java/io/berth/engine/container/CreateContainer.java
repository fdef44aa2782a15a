package io.berth.engine.container;

import io.berth.docker.ApiVersion;
import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.CreateRequest;
import io.berth.docker.container.HostConfig;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.engine.image.Images;
import io.berth.engine.kept.KeptDefinitions;
import io.berth.engine.kept.Kind;
import io.berth.engine.mount.ContainerMount;
import io.berth.engine.network.NetworkState;
import io.berth.engine.runtime.ContainerId;
import io.berth.engine.runtime.ContainerRuntime;
import io.berth.engine.runtime.Isolation.IdRange;
import io.berth.engine.secret.SecretFiles;
import io.berth.engine.secret.SecretUse;
import io.berth.engine.volume.Volumes;
import io.berth.node.ResolvedImage;
import io.berth.oci.Platform;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Creates containers. */
@Component
public final class CreateContainer {
    private static final int NAME_ATTEMPTS = 20;

    private final Images images;
    private final Containers containers;
    private final ContainerStore store;
    private final ContainerDirectories directories;
    private final ContainerRuntime runtime;
    private final LaunchPlan plan;
    private final NamespaceModes namespaces;
    private final ContainerMounts mounts;
    private final MountUse use;
    private final Volumes volumes;
    private final SecretFiles secrets;
    private final UserRanges users;
    private final NetworkChoice networks;
    private final ContainerEvents events;
    private final KeptDefinitions kept;

    @SuppressWarnings("TooManyParameters") // a creation touches all of them once
    CreateContainer(
            Images images,
            Containers containers,
            ContainerStore store,
            ContainerDirectories directories,
            ContainerRuntime runtime,
            LaunchPlan plan,
            NamespaceModes namespaces,
            ContainerMounts mounts,
            MountUse use,
            Volumes volumes,
            SecretFiles secrets,
            UserRanges users,
            NetworkChoice networks,
            ContainerEvents events,
            KeptDefinitions kept) {
        this.images = images;
        this.containers = containers;
        this.store = store;
        this.directories = directories;
        this.runtime = runtime;
        this.plan = plan;
        this.namespaces = namespaces;
        this.mounts = mounts;
        this.use = use;
        this.volumes = volumes;
        this.secrets = secrets;
        this.users = users;
        this.networks = networks;
        this.events = events;
        this.kept = kept;
    }

    /**
     * What is to be created.
     *
     * @param name or null for a random one
     * @param platform {@code os/arch[/variant]}, or empty for any
     * @param version of the API that the client speaks
     */
    public record Order(
            @Nullable String name,
            String platform,
            ContainerConfig config,
            HostConfig hostConfig,
            CreateRequest.@Nullable NetworkingConfig network,
            ApiVersion version) {}

    /** What was created, and what its user should know. */
    public record Created(Container container, List<String> warnings) {}

    /**
     * Creates a container and returns when it is on disk. When anything fails nothing is left.
     *
     * @throws InvalidParameter when the request is wrong
     * @throws NotFound when there is no such image
     * @throws io.berth.docker.error.Conflict when the name is in use, or those that are kept take too much memory
     */
    public Created create(Order order) {
        @Nullable String wanted = order.name() == null ? null : ContainerNames.check(order.name());
        RequestCheck.check(order.config(), order.hostConfig());
        directories.checkSize(order.hostConfig());
        if (order.config().image().isEmpty()) {
            throw new InvalidParameter("no image specified");
        }
        ContainerId id = ContainerId.random();
        try {
            return create(
                    id, wanted, order, images.resolveFor(id, order.config().image(), order.platform()));
        } finally {
            images.release(id);
        }
    }

    private Created create(ContainerId id, @Nullable String wanted, Order order, ResolvedImage image) {
        String name = reserveName(wanted, id);
        try {
            Map<String, String> secretIds =
                    secrets.settle(SecretUse.of(order.hostConfig().annotations()));
            ContainerSpec spec = spec(id, order, image, secretIds);
            List<String> warnings = new ArrayList<>(warnings(order, image));
            warnings.addAll(plan.check(spec));
            ContainerSpec possible = spec.with(DiscardedLimits.without(spec.hostConfig(), runtime.support()));
            kept.put(Kind.CONTAINER, id.value(), possible.labels(), possible);
            Container container =
                    build(new ContainerSnapshot(possible, name, ContainerState.CREATED, null, NetworkState.NONE));
            volumes.letGo(id.value());
            return new Created(container, warnings);
        } catch (RuntimeException e) {
            kept.remove(Kind.CONTAINER, id.value());
            containers.release(name, id);
            volumes.abandon(id.value());
            throw e;
        } finally {
            users.letGo(id);
        }
    }

    private Container build(ContainerSnapshot snapshot) {
        use.fill(snapshot.spec());
        Path directory = directories.of(snapshot.id());
        Container container;
        try {
            directories.create(snapshot.spec());
            container = new Container(snapshot, directory, directories.log(snapshot.spec()));
            store.insert(snapshot);
        } catch (RuntimeException e) {
            runtime.deleteDirectory(directory);
            throw e;
        }
        containers.add(container);
        events.publish(container, "create");
        return container;
    }

    private ContainerSpec spec(ContainerId id, Order order, ResolvedImage image, Map<String, String> secretIds) {
        HostConfig host = namespaces.settled(order.hostConfig());
        ContainerConfig config = ImageDefaults.merge(
                order.config(), image.config().execution(), namespaces.defaultHostname(host, id.shortForm()));
        RequestCheck.checkMerged(config);
        List<String> argv = new ArrayList<>();
        argv.addAll(config.entrypoint() == null ? List.of() : config.entrypoint());
        argv.addAll(config.cmd() == null ? List.of() : config.cmd());
        if (argv.isEmpty() || argv.getFirst().isEmpty()) {
            throw new InvalidParameter("no command specified");
        }
        List<ContainerMount> settled =
                mounts.settle(id, config, host, !order.version().atLeast(1, 44));
        @Nullable IdRange range = users.take(id, order.config(), host);
        NetworkChoice.Chosen chosen = networks.of(config, host, order.network(), order.version());
        return new ContainerSpec(
                id.value(),
                Instant.now(),
                image.imageId().toString(),
                order.config().image(),
                image.layers(),
                argv.getFirst(),
                argv.subList(1, argv.size()),
                config,
                host,
                settled,
                range,
                chosen.endpoints(),
                chosen.names(),
                secretIds);
    }

    private String reserveName(@Nullable String wanted, ContainerId id) {
        if (wanted != null) {
            containers.reserve(wanted, id);
            return wanted;
        }
        for (int attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
            String name = ContainerNames.random(attempt);
            if (containers.tryReserve(name, id)) {
                return name;
            }
        }
        containers.reserve(id.shortForm(), id);
        return id.shortForm();
    }

    private static List<String> warnings(Order order, ResolvedImage image) {
        Platform host = Platform.current();
        if (order.platform().isEmpty() && !image.config().platform().serves(host)) {
            return List.of("The requested image's platform (" + image.config().platform()
                    + ") does not match the detected host platform (" + host
                    + ") and no specific platform was requested");
        }
        return List.of();
    }
}
