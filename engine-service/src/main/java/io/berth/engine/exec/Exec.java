package io.berth.engine.exec;

import io.berth.docker.exec.ExecCreateRequest;
import io.berth.engine.container.Container;
import io.berth.engine.runtime.ContainerId;
import io.berth.engine.runtime.ContainerProcess;
import io.berth.engine.stream.OutputHub;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A further process in a container, from its order to its end. Lives in memory only, as in Docker. Thread-safe; its state is
 * replaced as a whole.
 */
public final class Exec {
    /** A text as an object, and its place in a list. */
    private static final int PER_TEXT = 64;

    private static final int MOST_SHOWN = 128 * 1024;
    private static final int MOST_NAME = 4096;

    /** Docker does not shorten it; listeners and the memory of what happened would hold it many times. */
    private static final int MOST_TOLD = 16 * 1024;

    private final ContainerId id;
    private final Container container;
    private final Instant orderedAt = Instant.now();
    private volatile ExecCreateRequest order;
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
        String text = order.cmd().getFirst()
                + " "
                + String.join(" ", order.cmd().subList(1, order.cmd().size()));
        return text.length() <= MOST_TOLD ? text : text.substring(0, MOST_TOLD) + "…";
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

    Instant orderedAt() {
        return orderedAt;
    }

    /** What its order takes of the heap, about. */
    long bytes() {
        ExecCreateRequest now = order;
        return bytes(now.cmd()) + bytes(now.env()) + bytes(List.of(now.user(), now.workingDir(), now.detachKeys()));
    }

    static long bytes(List<String> texts) {
        return texts.stream()
                .mapToLong(text -> PER_TEXT + Character.BYTES * (long) text.length())
                .sum();
    }

    /** Of a process that was started only what it is called is asked for, as long as that is short. */
    private void shorten() {
        ExecCreateRequest now = order;
        List<String> cmd = now.cmd();
        order = new ExecCreateRequest(
                now.user(),
                now.privileged(),
                now.tty(),
                now.consoleSize(),
                now.attachStdin(),
                now.attachStderr(),
                now.attachStdout(),
                now.detachKeys(),
                List.of(),
                now.workingDir(),
                bytes(cmd) <= MOST_SHOWN
                        ? cmd
                        : List.of(
                                cmd.getFirst()
                                        .substring(
                                                0,
                                                Math.min(
                                                        MOST_NAME,
                                                        cmd.getFirst().length())),
                                "…"));
    }

    void started(ContainerProcess process) {
        shorten();
        state = new State(process, null, null);
    }

    void ended(int exitCode) {
        shorten();
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
