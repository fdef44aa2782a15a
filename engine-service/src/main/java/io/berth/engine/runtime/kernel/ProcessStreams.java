package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.ContainerProcess.Stream;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Fd;
import io.berth.linux.poll.FdChannel;
import io.berth.linux.terminal.Fifo;
import io.berth.linux.terminal.Pty;
import java.nio.file.Path;
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
     * Opens the FIFOs of a container that an earlier engine started.
     *
     * @param directory where the FIFOs are
     * @throws SyscallException when there are none
     */
    static ProcessStreams reopen(Path directory, boolean stdin) {
        Output stdout = new Output(Stream.STDOUT, new FdChannel(Fifo.openReader(directory.resolve(STDOUT))));
        Output stderr = new Output(Stream.STDERR, new FdChannel(Fifo.openReader(directory.resolve(STDERR))));
        return new ProcessStreams(List.of(stdout, stderr), stdin ? reopenInput(directory) : null, null);
    }

    /**
     * The streams of a container that an earlier engine started, with outputs that were kept.
     *
     * @param outputs standard output and error
     */
    static ProcessStreams recovered(List<Fd> outputs, Path directory, boolean stdin) {
        return new ProcessStreams(
                List.of(
                        new Output(Stream.STDOUT, new FdChannel(outputs.getFirst())),
                        new Output(Stream.STDERR, new FdChannel(outputs.getLast()))),
                stdin ? reopenInput(directory) : null,
                null);
    }

    private static @Nullable FdChannel reopenInput(Path directory) {
        try {
            return new FdChannel(Fifo.openWriter(directory.resolve(STDIN)));
        } catch (SyscallException e) {
            return null; // an input that ended with its first writer, or whose reader has closed it
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
