package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.ContainerProcess.Stream;
import io.berth.engine.runtime.StdioMode;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Fd;
import io.berth.linux.fd.OpenFlag;
import io.berth.linux.poll.FdChannel;
import io.berth.linux.terminal.Pipe;
import io.berth.linux.terminal.Pty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The engine's side of a process's standard streams.
 *
 * @param outputs what the process writes
 * @param input what it reads, or null when it has no input; the terminal's own channel with a terminal
 * @param terminal to set its size, or null
 */
record ProcessStreams(
        List<Output> outputs,
        @Nullable FdChannel input,
        @Nullable Pty terminal) implements AutoCloseable {
    static final String STDIN = "stdin";
    static final String STDOUT = "stdout";
    static final String STDERR = "stderr";

    /** One of the two output streams. */
    record Output(Stream stream, FdChannel channel) {}

    ProcessStreams {
        outputs = List.copyOf(outputs);
    }

    /** One descriptor for reading, writing and resizing. */
    static ProcessStreams ofTerminal(Fd master) {
        FdChannel channel = new FdChannel(master);
        return new ProcessStreams(List.of(new Output(Stream.STDOUT, channel)), channel, Pty.own(master));
    }

    /**
     * The streams of a container that an earlier engine started, of which nobody has kept the outputs: opened anew, for as long as
     * its first process has them.
     *
     * @throws SyscallException when that process has ended, or has put something else in their place
     */
    static ProcessStreams ofProcess(int pid, StdioMode mode) {
        Fd stdout = Pipe.ofProcess(pid, 1, OpenFlag.READ);
        try {
            return recovered(List.of(stdout, Pipe.ofProcess(pid, 2, OpenFlag.READ)), pid, mode);
        } catch (SyscallException e) {
            stdout.close();
            throw e;
        }
    }

    /**
     * The streams of a container that an earlier engine started, with outputs that were kept.
     *
     * @param outputs standard output and error
     */
    static ProcessStreams recovered(List<Fd> outputs, int pid, StdioMode mode) {
        return new ProcessStreams(
                List.of(
                        new Output(Stream.STDOUT, new FdChannel(outputs.getFirst())),
                        new Output(Stream.STDERR, new FdChannel(outputs.getLast()))),
                // The other kind of input has ended with the engine that wrote to it.
                mode.stdin() && !mode.stdinOnce() ? input(pid) : null,
                null);
    }

    private static @Nullable FdChannel input(int pid) {
        try {
            return new FdChannel(Pipe.ofProcess(pid, 0, OpenFlag.WRITE));
        } catch (SyscallException e) {
            return null; // the process has ended, or has closed its input
        }
    }

    @Override
    public void close() {
        outputs.forEach(output -> output.channel().close());
        if (input != null) {
            input.close();
        }
    }
}
