package io.berth.engine.exec;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.Conflict;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.SystemFailure;
import io.berth.docker.exec.ExecCreateRequest;
import io.berth.engine.container.Container;
import io.berth.engine.container.ContainerEvents;
import io.berth.engine.container.LaunchPlan;
import io.berth.engine.runtime.ContainerLaunch.WindowSize;
import io.berth.engine.runtime.ContainerProcess;
import io.berth.engine.runtime.ContainerProcess.Exit;
import io.berth.engine.runtime.ContainerProcess.OutputSink;
import io.berth.engine.runtime.ContainerRuntime;
import io.berth.engine.runtime.ExecLaunch;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.runtime.StdioMode;
import io.berth.engine.stream.AttachSession;
import io.berth.engine.stream.ClientFeed;
import io.berth.engine.stream.DetachKeys;
import io.berth.linux.process.ProcessIdentity;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Starts execs. */
@Component
public final class StartExec {
    private static final int UNKNOWN_EXIT_CODE = 255;

    /** Of whatever could not be started, also of a program that does not exist (moby: daemon/exec.go). */
    private static final int NOT_STARTED = 126;

    private static final int SIGHUP = 1;

    private final ContainerRuntime runtime;
    private final LaunchPlan plan;
    private final ContainerEvents events;
    private final Execs execs;
    private final Executor executor = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("exec-exit-", 0).factory());

    StartExec(ContainerRuntime runtime, LaunchPlan plan, ContainerEvents events, Execs execs) {
        this.runtime = runtime;
        this.plan = plan;
        this.events = events;
        this.execs = execs;
    }

    /**
     * Takes the right to start an exec. Whoever has it must call {@link #start}.
     *
     * @throws Conflict when it was started before, or its container does not run
     */
    public void claim(Exec exec) {
        CreateExec.requireRunning(exec.container(), exec.container().id().value());
        if (!exec.claim()) {
            throw new Conflict(
                    exec.running()
                            ? "exec command " + exec.id() + " is already running"
                            : "exec command " + exec.id() + " has already run");
        }
    }

    /** An attached client's session; to be made before the start, so that it misses nothing. */
    public AttachSession attach(Exec exec) {
        return attach(exec, !exec.order().tty()).session();
    }

    /** The same for a client that wants output as it is, without frames. */
    public Attached attachRaw(Exec exec) {
        return attach(exec, false);
    }

    private static Attached attach(Exec exec, boolean multiplexed) {
        ExecCreateRequest order = exec.order();
        ClientFeed feed = exec.output().attach(order.attachStdout(), order.attachStderr());
        AttachSession.@Nullable Input input = order.attachStdin() ? new ExecInput(exec) : null;
        return new Attached(
                feed,
                new AttachSession(
                        feed, multiplexed, input, order.tty() ? DetachKeys.parse(order.detachKeys(), "escape") : null));
    }

    /** An attached client. */
    public record Attached(ClientFeed feed, AttachSession session) {}

    /**
     * Starts the process and returns when its program has been executed.
     *
     * @param size of its terminal, or null
     * @throws ApiException when it cannot be started; it then has an exit code, and attached clients get the end
     */
    public void start(Exec exec, @Nullable WindowSize size) {
        start(exec, size, exec.output());
    }

    /** The same with output to somewhere else than the exec's clients. */
    void start(Exec exec, @Nullable WindowSize size, OutputSink sink) {
        Container container = exec.container();
        @Nullable ProcessIdentity target = container.snapshot().state().process();
        ContainerProcess process;
        try {
            if (target == null) {
                throw new LaunchFailure(
                        LaunchFailure.Kind.CONTAINER_STOPPED, "container " + container.id() + " is not running", null);
            }
            events.publish(
                    container,
                    "exec_start: " + exec.commandText(),
                    Map.of("execID", exec.id().value()));
            process = runtime.exec(target, launch(exec, size));
        } catch (LaunchFailure e) {
            container.execIds().remove(exec.id().value());
            exec.ended(NOT_STARTED);
            execs.shortened(exec);
            exec.output().finish();
            throw translate(e);
        }
        exec.started(process);
        execs.shortened(exec);
        process.deliverTo(sink);
        if (!exec.order().attachStdin() && !exec.order().tty()) {
            process.closeInput();
        }
        CompletableFuture<?> recorded = process.exit().thenAcceptAsync(exit -> ended(exec, exit), executor);
        // Only then the end of the output: at that, clients ask how it ended, and take "runs" for success.
        CompletableFuture<?> _ = CompletableFuture.allOf(recorded, process.drained())
                .whenComplete((_, _) -> exec.output().finish());
    }

    /** A user has left it by the detach keys; it goes on. */
    public void detached(Exec exec) {
        events.publish(
                exec.container(), "exec_detach", Map.of("execID", exec.id().value()));
    }

    /** Tells a process that its terminal is gone; those without one have seen the end of their input. */
    public void hangUp(Exec exec) {
        if (exec.order().tty()) {
            exec.process().filter(_ -> exec.running()).ifPresent(process -> process.signal(SIGHUP));
        }
    }

    private ExecLaunch launch(Exec exec, @Nullable WindowSize size) {
        ExecCreateRequest order = exec.order();
        Container container = exec.container();
        if (!order.workingDir().isEmpty() && !order.workingDir().startsWith("/")) {
            throw new LaunchFailure(
                    LaunchFailure.Kind.INVALID_SETTING,
                    "OCI runtime exec failed: exec failed: Cwd must be an absolute path",
                    null);
        }
        return new ExecLaunch(
                exec.id(),
                container.id(),
                container.directory(),
                plan.exec(
                        container.snapshot().spec(),
                        order.cmd(),
                        order.env(),
                        order.user(),
                        order.workingDir(),
                        order.privileged(),
                        new StdioMode(order.tty(), order.attachStdin(), true),
                        size == null ? LaunchPlan.windowSize(order.consoleSize()) : size),
                plan.capabilities(container.snapshot().spec()));
    }

    private void ended(Exec exec, Exit exit) {
        int code = code(exit);
        exec.ended(code);
        exec.container().execIds().remove(exec.id().value());
        events.publish(
                exec.container(), "exec_die", Map.of("execID", exec.id().value(), "exitCode", Integer.toString(code)));
    }

    /** The exit code as Docker tells it. */
    static int code(Exit exit) {
        return exit.code() == Exit.UNKNOWN ? UNKNOWN_EXIT_CODE : exit.code();
    }

    private static ApiException translate(LaunchFailure failure) {
        String message =
                "OCI runtime exec failed: exec failed: unable to start container process: " + failure.getMessage();
        return switch (failure.kind()) {
            case PROGRAM_NOT_FOUND, PROGRAM_NOT_EXECUTABLE, INVALID_PROCESS -> new InvalidParameter(message, failure);
            case INVALID_SETTING -> new SystemFailure(String.valueOf(failure.getMessage()), failure);
            case CONTAINER_STOPPED -> new Conflict(String.valueOf(failure.getMessage()), failure);
            case SYSTEM -> new SystemFailure(message, failure);
        };
    }

    /** A session's input begins after the start, so the process is there. */
    private record ExecInput(Exec exec) implements AttachSession.Input {
        @Override
        public void write(byte[] content, int length) {
            exec.process().ifPresent(process -> process.write(content, 0, length));
        }

        @Override
        public boolean end() {
            if (!exec.order().tty()) {
                exec.process().ifPresent(ContainerProcess::closeInput);
            }
            return true;
        }
    }
}
