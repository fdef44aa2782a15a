package io.berth.engine.exec;

import io.berth.docker.error.Conflict;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.exec.ExecCreateRequest;
import io.berth.engine.container.Container;
import io.berth.engine.container.ContainerEvents;
import io.berth.engine.container.ContainerStatus;
import io.berth.engine.container.ProcessEnvironment;
import io.berth.engine.runtime.ContainerId;
import io.berth.engine.stream.DetachKeys;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Takes orders for execs. */
@Component
public final class CreateExec {
    /** Two bytes to a character, and what objects take. */
    private static final long MOST_BYTES = 6 << 20;

    private final Execs execs;
    private final ContainerEvents events;

    CreateExec(Execs execs, ContainerEvents events) {
        this.execs = execs;
        this.events = events;
    }

    /**
     * @param reference the container as the user named it, for error messages
     * @throws Conflict when the container does not run
     * @throws InvalidParameter when the order is wrong
     */
    public Exec create(Container container, String reference, ExecCreateRequest order) {
        if (order.cmd().isEmpty()) {
            throw new InvalidParameter("No exec command specified");
        }
        if (Exec.bytes(order.cmd()) + Exec.bytes(order.env()) > MOST_BYTES) {
            // The kernel takes a quarter of a stack's limit for both, 2 MiB where nobody has raised it.
            throw new InvalidParameter("invalid exec: command and environment are too long");
        }
        requireRunning(container, reference);
        order.env().forEach(ProcessEnvironment::check);
        for (String text : List.of(String.join(" ", order.cmd()), order.user(), order.workingDir())) {
            if (text.indexOf('\0') >= 0) {
                throw new InvalidParameter("invalid exec: contains NUL");
            }
        }
        Object _ = DetachKeys.parse(order.detachKeys(), "escape");
        Exec exec = new Exec(ContainerId.random(), container, order);
        execs.add(exec);
        events.publish(
                container,
                "exec_create: " + exec.commandText(),
                Map.of("execID", exec.id().value()));
        return exec;
    }

    static void requireRunning(Container container, String reference) {
        ContainerStatus status = container.snapshot().state().status();
        switch (status) {
            case RUNNING -> {
                return;
            }
            case PAUSED ->
                throw new Conflict("Container " + reference + " is paused, unpause the container before exec");
            case RESTARTING ->
                throw new Conflict(
                        "container " + container.id() + " is restarting, wait until the container is running");
            default -> throw new Conflict("container " + container.id() + " is not running");
        }
    }
}
