package io.berth.engine.exec;

import io.berth.docker.exec.ExecCreateRequest;
import io.berth.engine.container.Container;
import io.berth.engine.runtime.ContainerId;
import io.berth.engine.runtime.ContainerProcess;
import io.berth.engine.stream.OutputHub;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A further process in a container, from its order to its end. Lives in memory only, as in Docker. Thread-safe; its state is
 * replaced as a whole.
 */
public final class Exec {
    private final ContainerId id;
    private final Container container;
    private final ExecCreateRequest order;
    private final OutputHub output = new OutputHub();
    private final AtomicBoolean claimed = new AtomicBoolean();
    private volatile State state = new State(null, null, null);

    Exec(ContainerId id, Container container, ExecCreateRequest order) {
        this.id = id;
        this.container = container;
        this.order = order;
    }

    /**
     * What changes.
     *
     * @param process null until it was started
     * @param exitCode null until it has ended
     */
    record State(
            @Nullable ContainerProcess process,
            @Nullable Integer exitCode,
            @Nullable Instant endedAt) {}

    public ContainerId id() {
        return id;
    }

    public Container container() {
        return container;
    }

    public ExecCreateRequest order() {
        return order;
    }

    /** The command as events tell it: a blank follows the program also when it has no arguments, as in Docker. */
    String commandText() {
        return order.cmd().getFirst()
                + " "
                + String.join(" ", order.cmd().subList(1, order.cmd().size()));
    }

    OutputHub output() {
        return output;
    }

    /** Takes the right to start it; only the first gets it. */
    boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    /** Whether nobody has taken the right to start it. */
    boolean unstarted() {
        return !claimed.get();
    }

    void started(ContainerProcess process) {
        state = new State(process, null, null);
    }

    void ended(int exitCode) {
        state = new State(state.process(), exitCode, Instant.now());
    }

    Optional<ContainerProcess> process() {
        return Optional.ofNullable(state.process());
    }

    public boolean running() {
        State now = state;
        return now.process() != null && now.exitCode() == null;
    }

    /** Empty until it has ended. */
    public Optional<Integer> exitCode() {
        return Optional.ofNullable(state.exitCode());
    }

    Optional<Instant> endedAt() {
        return Optional.ofNullable(state.endedAt());
    }

    /** In the host's view; zero before it was started. */
    public long pid() {
        State now = state;
        return now.process() == null ? 0 : now.process().identity().pid();
    }
}
