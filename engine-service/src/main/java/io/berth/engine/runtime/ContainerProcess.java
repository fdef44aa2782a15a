package io.berth.engine.runtime;

import io.berth.linux.process.ProcessIdentity;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A process that was started in a container.
 *
 * <p>Thread-safe. It holds descriptors until the process has ended and its output has been read to the end, then lets go of
 * them by itself.
 */
public interface ContainerProcess {
    ProcessIdentity identity();

    /**
     * Completes when the process has ended; completes normally in any case.
     *
     * <p>Output may still be in the pipes then: {@link #drained()} tells when it has all been delivered.
     */
    CompletableFuture<Exit> exit();

    /** Completes when the process has ended and every byte it (or a descendant) wrote has been given to the sink. */
    CompletableFuture<@Nullable Void> drained();

    /**
     * Starts delivering output to the sink; to be called once. Until then output waits in the pipe.
     *
     * @param sink called by one thread at a time; it must not block for long
     */
    void deliverTo(OutputSink sink);

    /**
     * Writes to the process's input. Blocks while the process does not read.
     *
     * @throws java.io.UncheckedIOException when the process does not read any more
     */
    void write(byte[] content, int offset, int length);

    /** Closes the process's input; it reads end of file after what was written. Not for a terminal. */
    void closeInput();

    /** Sets the size of the terminal; does nothing without one. */
    void resize(ContainerLaunch.WindowSize size);

    /** Sends a signal to this process alone; does nothing when it has ended. */
    void signal(int signal);

    /** Where output goes. */
    interface OutputSink {
        /** Output of the process; a terminal's is all {@code STDOUT}. The array is the sink's to keep. */
        void output(Stream stream, byte[] content);
    }

    /** The two output streams. */
    enum Stream {
        STDOUT,
        STDERR
    }

    /**
     * How a process ended.
     *
     * @param code as Docker gives it: the exit status, or 128 + the signal; -1 when the kernel could not tell
     * @param at when the engine noticed
     */
    record Exit(int code, Instant at) {
        /** The kernel could not tell: the process ended while no engine was there, on a kernel before 6.15. */
        public static final int UNKNOWN = -1;
    }
}
