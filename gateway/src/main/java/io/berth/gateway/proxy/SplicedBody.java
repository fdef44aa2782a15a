package io.berth.gateway.proxy;

import io.netty.channel.Channel;
import io.netty.channel.FileRegion;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AbstractReferenceCounted;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The rest of a long body on its way from one socket to another through a pipe (splice(2)): the kernel hands on its pages, and the
 * gateway copies nothing. A pipe's fill at a time is under way, so that a slow receiver slows the sender.
 *
 * <p>Netty goes on to watch both sockets. When the source has nothing, an ordinary read waits for more, or for the end, of which
 * splice(2) cannot tell the one from the other; what that read takes, a page, goes the ordinary way, in order. Confined to the event
 * loop of both sockets. Must be closed.
 */
final class SplicedBody implements AutoCloseable {
    /** A shorter rest is not worth a pipe. */
    static final long LEAST_BYTES = 256 * 1024;

    /** What a pipe takes (pipe(7)). */
    private static final int PIPE_BYTES = 64 * 1024;
    /** Pipe fills after which other connections have their turn. */
    private static final int BURST = 16;

    private final BackendConnection backend;
    private final AbstractEpollStreamChannel source;
    private final AbstractEpollStreamChannel sink;
    private final FileDescriptor pipeOut;
    private final FileDescriptor pipeIn;
    private final IntConsumer counter;
    private final Runnable complete;
    private final Runnable broken;
    /** Whether the pipe has what the sink has not taken. */
    private boolean busy;

    private boolean pumping;
    private boolean closed;

    private SplicedBody(
            BackendConnection backend,
            AbstractEpollStreamChannel source,
            AbstractEpollStreamChannel sink,
            FileDescriptor[] pipe,
            IntConsumer counter,
            Runnable complete,
            Runnable broken) {
        this.backend = backend;
        this.source = source;
        this.sink = sink;
        this.pipeOut = pipe[0];
        this.pipeIn = pipe[1];
        this.counter = counter;
        this.complete = complete;
        this.broken = broken;
    }

    /**
     * Takes over the rest of a body, or not: then null is returned, and it goes the ordinary way.
     *
     * @param rest bytes that are still to come from the backend
     * @param counter is told how many bytes pass
     * @param complete when the sink has taken all of it, unless its end went the ordinary way
     * @param broken when the sink takes no more, or the source cannot be read
     */
    static @Nullable SplicedBody between(
            BackendConnection backend,
            Channel sink,
            long rest,
            IntConsumer counter,
            Runnable complete,
            Runnable broken) {
        if (!(backend.channel() instanceof AbstractEpollStreamChannel from)
                || !(sink instanceof AbstractEpollStreamChannel to)
                || sink.pipeline().get(SslHandler.class) != null) {
            return null;
        }
        try {
            FileDescriptor[] pipe = FileDescriptor.pipe();
            backend.passBody(rest);
            return new SplicedBody(backend, from, to, pipe, counter, complete, broken);
        } catch (IOException e) {
            // No descriptors are left: it goes slower without.
            return null;
        }
    }

    /** Moves what is there and asks for more; does nothing while the sink has not taken what it was given. */
    void pump() {
        if (busy || pumping || closed) {
            return;
        }
        pumping = true;
        try {
            for (int i = 0; i < BURST; i++) {
                if (!move()) {
                    return;
                }
            }
        } finally {
            pumping = false;
        }
        source.eventLoop().execute(this::pump);
    }

    /** Whether there may be more to move now. */
    private boolean move() {
        // A closed socket's number may already be another one's.
        if (!source.isOpen() || !sink.isOpen()) {
            return false;
        }
        int taken;
        try {
            taken = Native.splice(
                    source.fd().intValue(), -1, pipeIn.intValue(), -1, Math.min(backend.bodyRest(), PIPE_BYTES));
        } catch (IOException e) {
            broken.run();
            return false;
        }
        if (taken == 0) {
            source.read();
            return false;
        }
        backend.bodyTaken(taken);
        counter.accept(taken);
        busy = true;
        var _ = sink.writeAndFlush(new PipeFill(taken)).addListener(given -> given(given.cause()));
        return !busy && !closed;
    }

    private void given(@Nullable Throwable failure) {
        busy = false;
        if (closed) {
            closePipe();
        } else if (failure != null) {
            broken.run();
        } else if (backend.bodyRest() == 0) {
            complete.run();
        } else if (!pumping) {
            pump();
        }
    }

    /** Moves nothing more; what is in the pipe still goes to the sink, as what is behind it in the sink's queue does. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            if (!busy) {
                closePipe();
            }
        }
    }

    private void closePipe() {
        for (FileDescriptor end : new FileDescriptor[] {pipeIn, pipeOut}) {
            try {
                end.close();
            } catch (IOException e) {
                throw new IllegalStateException("a pipe cannot be closed", e);
            }
        }
    }

    /** Bytes in the pipe, as Netty takes them into its queue of what is to be written. */
    private final class PipeFill extends AbstractReferenceCounted implements FileRegion {
        private final int bytes;
        private long transferred;

        PipeFill(int bytes) {
            this.bytes = bytes;
        }

        /** @param target is not asked: it stands for the sink's socket */
        @Override
        public long transferTo(WritableByteChannel target, long position) throws IOException {
            int moved = Native.splice(pipeOut.intValue(), -1, sink.fd().intValue(), -1, bytes - transferred);
            transferred += moved;
            return moved;
        }

        @Override
        public long position() {
            return 0;
        }

        @Override
        public long transferred() {
            return transferred;
        }

        @Override
        @Deprecated
        public long transfered() {
            return transferred;
        }

        @Override
        public long count() {
            return bytes;
        }

        @Override
        protected void deallocate() {
            // The pipe is the body's.
        }

        @Override
        public FileRegion touch(Object hint) {
            return this;
        }

        @Override
        public FileRegion touch() {
            return this;
        }

        @Override
        public FileRegion retain() {
            super.retain();
            return this;
        }

        @Override
        public FileRegion retain(int increment) {
            super.retain(increment);
            return this;
        }
    }
}
