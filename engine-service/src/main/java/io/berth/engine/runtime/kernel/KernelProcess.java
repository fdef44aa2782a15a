package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.ContainerLaunch.WindowSize;
import io.berth.engine.runtime.ContainerProcess;
import io.berth.engine.runtime.kernel.ProcessStreams.Output;
import io.berth.linux.SyscallException;
import io.berth.linux.poll.FdChannel;
import io.berth.linux.poll.FdPoller;
import io.berth.linux.poll.FdWatch;
import io.berth.linux.poll.Interest;
import io.berth.linux.process.ExitStatus;
import io.berth.linux.process.ExitWatcher;
import io.berth.linux.process.Pidfd;
import io.berth.linux.process.ProcessIdentity;
import io.berth.linux.terminal.Pty;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A process held by pidfd, with the engine's side of its streams.
 *
 * <p>While nothing happens it costs descriptors and no thread. When output arrives, the poller hands the stream to a virtual
 * thread, which reads until nothing is left and gives it back: a slow sink holds up its own process only, as a full
 * pipe would.
 */
final class KernelProcess implements ContainerProcess {
    private static final int READ_SIZE = 32 * 1024;

    private final ProcessIdentity identity;
    private final Pidfd pidfd;
    private final ProcessStreams streams;
    private final FdPoller poller;
    private final DeliveryGate gate;
    private final CompletableFuture<Exit> exit;
    private final CompletableFuture<@Nullable Void> outputEnded;
    private final CompletableFuture<@Nullable Void> drained;
    private final ReentrantLock inputLock = new ReentrantLock();
    private final ReentrantLock sinkLock = new ReentrantLock();
    private boolean inputClosed;

    /** Guarded by the pidfd's monitor: its number must not be used once it is closed. */
    private boolean released;

    KernelProcess(
            ProcessIdentity identity,
            Pidfd pidfd,
            ProcessStreams streams,
            FdPoller poller,
            ExitWatcher exitWatcher,
            DeliveryGate gate) {
        this.identity = identity;
        this.pidfd = pidfd;
        this.streams = streams;
        this.poller = poller;
        this.gate = gate;
        this.exit = exitWatcher.onExit(pidfd).handle((status, failure) -> new Exit(code(status), Instant.now()));
        this.outputEnded = new CompletableFuture<>();
        this.drained = exit.thenCombine(outputEnded, (ended, nothing) -> {
            release();
            return null;
        });
    }

    private static int code(@Nullable ExitStatus status) {
        return status == null ? Exit.UNKNOWN : status.shellCode().orElse(Exit.UNKNOWN);
    }

    @Override
    public ProcessIdentity identity() {
        return identity;
    }

    @Override
    public CompletableFuture<Exit> exit() {
        return exit;
    }

    @Override
    public CompletableFuture<@Nullable Void> drained() {
        return drained;
    }

    @Override
    public void deliverTo(OutputSink sink) {
        CompletableFuture<?>[] ends =
                streams.outputs().stream().map(output -> deliver(output, sink)).toArray(CompletableFuture[]::new);
        var _ = CompletableFuture.allOf(ends).whenComplete((nothing, failure) -> outputEnded.complete(null));
    }

    private CompletableFuture<@Nullable Void> deliver(Output output, OutputSink sink) {
        CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
        FdWatch watch = poller.watchLater(output.channel().fd(), Interest.READABLE, (self, readiness) -> {
            self.pause();
            Thread.startVirtualThread(() -> {
                Available came = Available.NO_MORE;
                try {
                    came = copyAvailable(output, sink);
                } finally {
                    switch (came) {
                        case ALL_FOR_NOW -> self.resume();
                        case NO_MORE -> {
                            // Also after a failure of the sink: the process then gets a broken pipe rather than a full
                            // one.
                            self.close();
                            end.complete(null);
                        }
                        case SHUT -> {} // what is in the pipe is the next engine's
                    }
                }
            });
        });
        watch.resume();
        return end;
    }

    /** Why reading a stream pauses. */
    private enum Available {
        ALL_FOR_NOW,
        NO_MORE,
        SHUT
    }

    private Available copyAvailable(Output output, OutputSink sink) {
        ByteBuffer buffer = ByteBuffer.allocate(READ_SIZE);
        int[] count = new int[1];
        while (true) {
            boolean open = gate.pass(() -> {
                count[0] = output.channel().read(buffer.clear());
                deliver(output, sink, buffer, count[0]);
            });
            if (!open) {
                return Available.SHUT;
            }
            if (count[0] <= 0) {
                return count[0] < 0 ? Available.NO_MORE : Available.ALL_FOR_NOW;
            }
        }
    }

    private void deliver(Output output, OutputSink sink, ByteBuffer buffer, int count) {
        if (count <= 0) {
            return;
        }
        byte[] content = new byte[count];
        buffer.flip().get(content);
        sinkLock.lock();
        try {
            sink.output(output.stream(), content);
        } finally {
            sinkLock.unlock();
        }
    }

    @Override
    public void write(byte[] content, int offset, int length) {
        inputLock.lock();
        try {
            FdChannel input = streams.input();
            if (input == null || inputClosed) {
                throw new UncheckedIOException(new IOException("the process has no open input"));
            }
            writeAll(input, content, offset, length);
        } finally {
            inputLock.unlock();
        }
    }

    /** The stream is not closed: it only waits for room, and the channel stays open for the next write. */
    @SuppressWarnings("resource")
    private void writeAll(FdChannel input, byte[] content, int offset, int length) {
        try {
            OutputStream stream = input.outputStream(poller);
            stream.write(content, offset, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SyscallException e) {
            throw new UncheckedIOException(new IOException("the process does not read its input any more", e));
        }
    }

    @Override
    public void closeInput() {
        inputLock.lock();
        try {
            FdChannel input = streams.input();
            if (input != null && streams.terminal() == null && !inputClosed) {
                inputClosed = true;
                input.close();
            }
        } finally {
            inputLock.unlock();
        }
    }

    @Override
    public void resize(WindowSize size) {
        Pty terminal = streams.terminal();
        synchronized (pidfd) {
            if (terminal != null && !released) {
                terminal.resize(new Pty.WindowSize(size.rows(), size.columns()));
            }
        }
    }

    @Override
    public void signal(int signal) {
        synchronized (pidfd) {
            if (!released) {
                pidfd.sendSignal(signal);
            }
        }
    }

    private void release() {
        inputLock.lock();
        try {
            inputClosed = true;
            synchronized (pidfd) {
                released = true;
                streams.close();
                pidfd.close();
            }
        } finally {
            inputLock.unlock();
        }
    }
}
