package io.berth.engine.files;

import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.HealthConfig;
import io.berth.docker.error.Conflict;
import io.berth.engine.container.Container;
import io.berth.engine.container.ContainerEvents;
import io.berth.engine.container.ContainerSpec;
import io.berth.engine.container.ContainerStatus;
import io.berth.engine.container.ImageDefaults;
import io.berth.engine.image.Images;
import io.berth.engine.runtime.ContainerRuntime;
import io.berth.node.CommitRequest;
import io.berth.node.CommitRequest.Committed;
import io.berth.oci.Digest;
import io.berth.oci.ImageConfig.Execution;
import io.berth.oci.ImageConfig.HealthCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Makes images of containers; image-service does the work, the engine says what and keeps the container still. */
@Component
public final class CommitContainer {
    private final Images images;
    private final ContainerRuntime runtime;
    private final ContainerEvents events;

    CommitContainer(Images images, ContainerRuntime runtime, ContainerEvents events) {
        this.images = images;
        this.runtime = runtime;
        this.events = events;
    }

    /**
     * What is wanted.
     *
     * @param config instead of the container's own, which fills what it leaves out; or null
     * @param pause stop the container's processes meanwhile
     */
    public record Order(
            String repository,
            String tag,
            String comment,
            String author,
            List<String> changes,
            @Nullable ContainerConfig config,
            boolean pause) {
        public Order {
            changes = List.copyOf(changes);
        }
    }

    /**
     * Commits. The container can be neither started, stopped nor removed meanwhile.
     *
     * @throws Conflict when it is being removed
     * @throws io.berth.docker.error.InvalidParameter for a malformed instruction or name
     */
    public Digest commit(Container container, Order order) {
        ContainerSpec spec = container.snapshot().spec();
        ContainerConfig config = order.config() == null
                ? spec.config()
                : ImageDefaults.merge(order.config(), execution(spec.config()), "");
        CommitRequest request = new CommitRequest(
                Digest.parse(spec.imageId()),
                container.directory().resolve("upper").toString(),
                command(spec.config()),
                execution(config),
                order.changes(),
                order.comment(),
                order.author(),
                order.repository(),
                order.tag());
        Committed committed = container.exclusively(() -> {
            if (container.isRemoved()) {
                throw new Conflict("You cannot commit container " + container.id() + " which is being removed");
            }
            return order.pause() && container.snapshot().state().status() == ContainerStatus.RUNNING
                    ? commitFrozen(container, request)
                    : commit(container, request);
        });
        return committed.imageId();
    }

    private Committed commit(Container container, CommitRequest request) {
        Committed committed = images.commit(request);
        events.publish(
                container,
                "commit",
                Map.of(
                        "comment", request.comment(),
                        "imageID", committed.imageId().toString(),
                        "imageRef", committed.reference()));
        return committed;
    }

    private Committed commitFrozen(Container container, CommitRequest request) {
        runtime.freeze(container.id());
        events.publish(container, "pause");
        try {
            return commit(container, request);
        } finally {
            runtime.thaw(container.id());
            events.publish(container, "unpause");
        }
    }

    private static List<String> command(ContainerConfig config) {
        return config.cmd() == null ? List.of() : new ArrayList<>(config.cmd());
    }

    private static Execution execution(ContainerConfig config) {
        return new Execution(
                orNull(config.user()),
                config.exposedPorts(),
                config.env(),
                config.entrypoint(),
                config.cmd(),
                config.volumes(),
                orNull(config.workingDir()),
                config.labels(),
                config.stopSignal(),
                health(config.healthcheck()),
                config.shell(),
                config.onBuild(),
                config.argsEscaped());
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static @Nullable HealthCheck health(@Nullable HealthConfig check) {
        return check == null
                ? null
                : new HealthCheck(
                        check.test(),
                        check.interval(),
                        check.timeout(),
                        check.startPeriod(),
                        check.startInterval(),
                        check.retries());
    }
}
