package io.berth.linux.poll;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Fd;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One descriptor's watch by an {@link FdPoller}.
 *
 * <p>Thread-safe. The listener runs under this watch's lock, so {@link #close()} and {@link #pause()} return only when it is
 * not running, unless it is the listener that calls: afterwards the descriptor may be closed. A thread that holds a lock
 * which the listener takes must therefore not call them.
 */
public final class FdWatch implements AutoCloseable {
    private static final int PAUSED = -1;

    private final FdPoller poller;
    private final Fd fd;
    private final long token;
    private final FdListener listener;
    private final ReentrantLock lock = new ReentrantLock();

    /** The number under which epoll knows the file, or {@link #PAUSED}. */
    private int watched = PAUSED;

    /** What has that number where the file is watched elsewhere too: epoll takes one watch per number and file. */
    private @Nullable Fd copy;

    private Interest interest;
    private boolean closed;

    FdWatch(FdPoller poller, Fd fd, long token, Interest interest, FdListener listener) {
        this.poller = poller;
        this.fd = fd;
        this.token = token;
        this.interest = interest;
        this.listener = listener;
    }

    public Fd fd() {
        return fd;
    }

    /** Stops telling about the descriptor, hang-up included, until {@link #resume}: how a slow receiver holds the sender. */
    public void pause() {
        lock.lock();
        try {
            remove();
        } finally {
            lock.unlock();
        }
    }

    /** Goes on after {@link #pause}; a condition that came up meanwhile is told. Does nothing when closed. */
    public void resume() {
        lock.lock();
        try {
            if (!closed && watched == PAUSED) {
                add();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Changes what is waited for, also of a paused watch. */
    public void waitFor(Interest newInterest) {
        lock.lock();
        try {
            interest = newInterest;
            if (watched != PAUSED) {
                poller.modify(watched, newInterest, token);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends the watch. Does not close the descriptor. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            remove();
            poller.forget(token);
        } finally {
            lock.unlock();
        }
    }

    void dispatch(Readiness readiness) {
        lock.lock();
        try {
            // May have been paused or closed since the kernel reported it.
            if (watched != PAUSED) {
                listener.ready(this, readiness);
            }
        } catch (Throwable e) {
            close();
            throw e;
        } finally {
            lock.unlock();
        }
    }

    private void add() {
        if (poller.add(fd, interest, token)) {
            watched = fd.value();
            return;
        }
        Fd second = fd.duplicate();
        if (!poller.add(second, interest, token)) {
            second.close();
            throw new SyscallException("epoll_ctl", fd.description(), Errno.EEXIST);
        }
        copy = second;
        watched = second.value();
    }

    private void remove() {
        if (watched == PAUSED) {
            return;
        }
        // Once the owner has closed the descriptor its number may be somebody else's; the kernel has forgotten the
        // file.
        if (copy != null || fd.isOpen()) {
            poller.remove(watched);
        }
        watched = PAUSED;
        if (copy != null) {
            copy.close();
            copy = null;
        }
    }
}
