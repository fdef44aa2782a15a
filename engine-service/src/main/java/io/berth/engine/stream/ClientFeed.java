package io.berth.engine.stream;

import io.berth.engine.runtime.ContainerProcess.Stream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Output on its way to one attached client: a bounded queue between the process's output and the client's connection.
 *
 * <p>A slower client slows the process down, as a pipe would: dropping output would break {@code docker run … | consumer}.
 * But a client that takes nothing at all for {@link #STALL_LIMIT} while its queue is full is cut off, so that a forgotten
 * terminal does not stop a service for good; the log still has everything.
 *
 * <p>Thread-safe: one thread offers, one takes, any may close.
 */
public final class ClientFeed implements AutoCloseable {
    /** How long a client may take nothing. */
    static final Duration STALL_LIMIT = Duration.ofSeconds(60);

    private static final int MAX_QUEUED_BYTES = 1 << 20;

    private final boolean stdout;
    private final boolean stderr;
    private final Duration stallLimit;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Chunk> queue = new ArrayDeque<>();
    private int queuedBytes;
    private boolean finished;
    private boolean closed;

    ClientFeed(boolean stdout, boolean stderr, Duration stallLimit) {
        this.stdout = stdout;
        this.stderr = stderr;
        this.stallLimit = stallLimit;
    }

    /** A piece of output; the array is not to be changed. */
    @SuppressWarnings("ArrayRecordComponent") // never compared; handed on without a copy for the sake of throughput
    public record Chunk(Stream stream, byte[] content) {}

    /**
     * Adds output, waiting while the queue is full.
     *
     * @return whether the client is still there
     */
    boolean offer(Stream stream, byte[] content) {
        if (stream == Stream.STDOUT ? !stdout : !stderr) {
            return true;
        }
        lock.lock();
        try {
            long nanos = stallLimit.toNanos();
            while (!closed && queuedBytes >= MAX_QUEUED_BYTES) {
                int before = queuedBytes;
                nanos = changed.awaitNanos(nanos);
                if (queuedBytes < before) {
                    nanos = stallLimit.toNanos();
                } else if (nanos <= 0) {
                    closed = true;
                    changed.signalAll();
                }
            }
            if (closed) {
                return false;
            }
            queue.addLast(new Chunk(stream, content));
            queuedBytes += content.length;
            changed.signalAll();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** What {@link #take} found. */
    public sealed interface Taken {
        /** A piece of output. */
        record Output(Chunk chunk) implements Taken {}

        /** None came in that time. */
        record Nothing() implements Taken {}

        /** None will come. */
        record End() implements Taken {}
    }

    /** Takes the next piece, waiting for it for at most so long. */
    public Taken take(Duration patience) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long nanos = patience.toNanos();
            while (queue.isEmpty() && !closed && !finished) {
                if (nanos <= 0) {
                    return new Taken.Nothing();
                }
                nanos = changed.awaitNanos(nanos);
            }
            Optional<Chunk> next = closed ? Optional.empty() : Optional.ofNullable(queue.pollFirst());
            if (next.isEmpty()) {
                return new Taken.End();
            }
            queuedBytes -= next.get().content().length;
            changed.signalAll();
            return new Taken.Output(next.get());
        } finally {
            lock.unlock();
        }
    }

    /** No more output will come: the client gets what is queued, then the end. */
    void finish() {
        lock.lock();
        try {
            finished = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The client has gone or has detached: forget what is queued. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            queue.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
