package io.berth.engine.log;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a container go on while its log is slow: lines wait in memory, and are dropped when that is full (moby:
 * daemon/logger/ring.go). One virtual thread writes them.
 */
final class BufferedTarget implements LogTarget {
    private static final Logger LOG = LoggerFactory.getLogger(BufferedTarget.class);
    private static final long CLOSE_PATIENCE_SECONDS = 2;

    private final LogTarget target;
    private final long maxBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<LogMessage> waiting = new ArrayDeque<>();
    private final Thread writer;
    private long bytes;
    private long dropped;
    private boolean closed;

    BufferedTarget(LogTarget target, long maxBytes) {
        this.target = target;
        this.maxBytes = maxBytes;
        this.writer = Thread.ofVirtual().name("log-buffer").start(this::writeAll);
    }

    @Override
    public void write(LogMessage message) {
        lock.lock();
        try {
            // One line is always taken, however long.
            if (!waiting.isEmpty() && bytes + message.length() > maxBytes) {
                dropped++;
                return;
            }
            waiting.add(message.copy());
            bytes += message.length();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void flush() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void writeAll() {
        try (target) {
            while (true) {
                LogMessage next = next();
                if (next == null) {
                    return;
                }
                try {
                    target.write(next);
                    if (isEmpty()) {
                        target.flush();
                    }
                } catch (IOException e) {
                    LOG.atWarn().setCause(e).log("a line of a container's log is lost");
                }
            }
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("a container's log could not be closed");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private @org.jspecify.annotations.Nullable LogMessage next() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (waiting.isEmpty() && !closed) {
                changed.await();
            }
            LogMessage next = waiting.poll();
            bytes -= next == null ? 0 : next.length();
            return next;
        } finally {
            lock.unlock();
        }
    }

    private boolean isEmpty() {
        lock.lock();
        try {
            return waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for what is buffered, but not for ever. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            if (dropped > 0) {
                LOG.atWarn().addKeyValue("lines", dropped).log("a container's log was slow; lines were dropped");
            }
        } finally {
            lock.unlock();
        }
        try {
            if (!writer.join(java.time.Duration.ofSeconds(CLOSE_PATIENCE_SECONDS))) {
                LOG.atWarn().log("a container's log is slow; what is buffered is written later");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
