package io.berth.engine.exec;

import io.berth.docker.exec.ExecCreateRequest;
import io.berth.engine.container.Container;
import io.berth.engine.runtime.ContainerProcess;
import io.berth.engine.runtime.ContainerProcess.OutputSink;
import io.berth.engine.runtime.ContainerProcess.Stream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.stereotype.Component;

/** Runs commands in containers for the engine itself, as the container's own user, and keeps the beginning of their output. */
@Component
public final class RunInContainer {
    private static final int SIGKILL = 9;

    /** A descendant of the command may hold its output open after its end. */
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(2);

    private final CreateExec create;
    private final StartExec start;
    private final Execs execs;

    RunInContainer(CreateExec create, StartExec start, Execs execs) {
        this.create = create;
        this.start = start;
        this.execs = execs;
    }

    /**
     * Starts a command; the result is to be closed.
     *
     * @param maxOutput bytes to keep; what is more is read and dropped
     * @throws io.berth.docker.error.ApiException when it cannot be started
     */
    public Running start(Container container, List<String> argv, int maxOutput) {
        Exec exec = create.create(
                container,
                container.id().value(),
                new ExecCreateRequest("", false, false, null, false, true, true, "", List.of(), "", argv));
        Beginning output = new Beginning(maxOutput);
        try {
            start.claim(exec);
            start.start(exec, null, output);
            return new Running(exec, output);
        } catch (RuntimeException e) {
            execs.remove(exec);
            throw e;
        }
    }

    /** A command that was started. Closing it forgets the exec; it does not end it. */
    public final class Running implements AutoCloseable {
        private final Exec exec;
        private final Beginning output;

        private Running(Exec exec, Beginning output) {
            this.exec = exec;
            this.output = output;
        }

        /** Waits for the end and returns the exit code; empty when it did not come in that time. */
        public OptionalInt await(Duration patience) throws InterruptedException {
            ContainerProcess process = exec.process().orElseThrow();
            if (!await(process.exit(), patience)) {
                return OptionalInt.empty();
            }
            boolean _ = await(process.drained(), DRAIN_LIMIT);
            return OptionalInt.of(StartExec.code(process.exit().join()));
        }

        private static boolean await(CompletableFuture<?> future, Duration patience) throws InterruptedException {
            try {
                Object _ = future.get(patience.toNanos(), TimeUnit.NANOSECONDS);
                return true;
            } catch (TimeoutException e) {
                return false;
            } catch (ExecutionException e) {
                // Output broke off: what there is has to do.
                return true;
            }
        }

        /** Kills it; does not wait. */
        public void kill() {
            exec.process().ifPresent(process -> process.signal(SIGKILL));
        }

        /** Its output so far, with {@code ...} at the end when there was more than is kept. */
        public String output() {
            return output.text();
        }

        @Override
        public void close() {
            execs.remove(exec);
        }
    }

    /** The beginning of an output. */
    private static final class Beginning implements OutputSink {
        private final int max;
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private boolean truncated;

        Beginning(int max) {
            this.max = max;
        }

        @Override
        public synchronized void output(Stream stream, byte[] content) {
            int length = Math.min(content.length, max - kept.size());
            kept.write(content, 0, length);
            truncated |= length < content.length;
        }

        synchronized String text() {
            return kept.toString(StandardCharsets.UTF_8) + (truncated ? "..." : "");
        }
    }
}
