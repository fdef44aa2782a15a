package io.berth.linux.poll;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.Architecture;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeArena;
import io.berth.linux.jna.NativeBuffer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * One platform thread that waits for any number of descriptors (epoll(7), level-triggered) and calls their listeners.
 *
 * <p>For pipes, FIFOs, terminals, sockets, eventfds and pidfds; the kernel refuses regular files (EPERM). Thread-safe. A
 * watched descriptor is closed only after its watch.
 */
public final class FdPoller implements Executor, AutoCloseable {
    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    private static final int EPOLL_CTL_MOD = 3;
    private static final int EFD_CLOEXEC_NONBLOCK = 0x80800;
    private static final int MOST_EVENTS = 256;
    private static final int SIGNAL_SET_SIZE = 8;
    private static final long WAKE_TOKEN = 0;

    /** struct epoll_event: 32 bits of events, then 64 of data; packed on x86-64 only (uapi/linux/eventpoll.h). */
    static final int EVENT_SIZE = Architecture.CURRENT == Architecture.X86_64 ? 12 : 16;

    static final int EVENT_DATA = EVENT_SIZE - Long.BYTES;

    private final Fd epoll;
    private final Fd wake;
    private final Thread thread;
    private final Map<Long, FdWatch> watches = new ConcurrentHashMap<>();
    private final AtomicLong lastToken = new AtomicLong(WAKE_TOKEN);
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Set<FdWait> waits = ConcurrentHashMap.newKeySet();

    /** Write-locked to close the poller's own descriptors, so that nobody uses their numbers afterwards. */
    private final ReadWriteLock descriptors = new ReentrantReadWriteLock();

    private volatile boolean closed;

    private FdPoller(Fd epoll, Fd wake, String threadName) {
        this.epoll = epoll;
        this.wake = wake;
        this.thread = Thread.ofPlatform().name(threadName).daemon().unstarted(this::run);
    }

    /**
     * Starts a poller.
     *
     * @param threadName of its thread
     * @throws SyscallException when descriptors run out
     */
    public static FdPoller start(String threadName) {
        Fd epoll =
                Fd.own((int) LibC.call(SyscallNumber.EPOLL_CREATE1, threadName, EPOLL_CLOEXEC), "epoll " + threadName);
        try {
            Fd wake = Fd.own(
                    (int) LibC.call(SyscallNumber.EVENTFD2, threadName, 0, EFD_CLOEXEC_NONBLOCK),
                    "wake-up " + threadName);
            try {
                var poller = new FdPoller(epoll, wake, threadName);
                poller.add(wake, Interest.READABLE, WAKE_TOKEN);
                poller.thread.start();
                return poller;
            } catch (RuntimeException e) {
                wake.close();
                throw e;
            }
        } catch (RuntimeException e) {
            epoll.close();
            throw e;
        }
    }

    /**
     * Watches a descriptor, from now on until the watch is closed.
     *
     * @throws SyscallException EPERM for a file that cannot be waited for
     */
    public FdWatch watch(Fd fd, Interest interest, FdListener listener) {
        FdWatch watch = watchLater(fd, interest, listener);
        watch.resume();
        return watch;
    }

    /** A watch that begins paused. */
    public FdWatch watchLater(Fd fd, Interest interest, FdListener listener) {
        if (closed) {
            throw new IllegalStateException("poller is closed");
        }
        long token = lastToken.incrementAndGet();
        var watch = new FdWatch(this, fd, token, interest, listener);
        watches.put(token, watch);
        return watch;
    }

    /**
     * Waits until a descriptor is ready, has hung up or has failed, or until somebody else ends the wait.
     *
     * @throws IllegalStateException when the wait is made to fail, as it is when the poller is closed
     */
    void await(Fd fd, Interest interest, FdWait wait) throws InterruptedException {
        waits.add(wait);
        try (FdWatch watch = watchLater(fd, interest, (self, readiness) -> {
            self.pause();
            wait.end(readiness);
        })) {
            watch.resume();
            wait.await(fd.description());
        } finally {
            waits.remove(wait);
        }
    }

    /** Runs a task on the poller's thread; it must not block. */
    @Override
    public void execute(Runnable task) {
        if (closed) {
            throw new IllegalStateException("poller is closed");
        }
        tasks.add(task);
        wakeUp();
    }

    /** Whether the calling thread is the poller's. */
    public boolean isOwnThread() {
        return Thread.currentThread() == thread;
    }

    /** Ends all watches and the thread, after the listener that is running. Tasks not begun are dropped. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        wakeUp();
        if (isOwnThread()) {
            return; // the thread cleans up when this listener returns
        }
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (NativeArena events = NativeArena.map(MOST_EVENTS * EVENT_SIZE)) {
            ByteBuffer view = events.view();
            while (!closed) {
                long count = LibC.callRaw(
                        SyscallNumber.EPOLL_PWAIT,
                        epoll.value(),
                        events.address(0),
                        MOST_EVENTS,
                        -1,
                        0,
                        SIGNAL_SET_SIZE);
                if (count < 0 && count != -Errno.EINTR) {
                    throw new SyscallException("epoll_pwait", epoll.description(), (int) -count);
                }
                for (int i = 0; i < count && !closed; i++) {
                    dispatch(view.getLong(i * EVENT_SIZE + EVENT_DATA), view.getInt(i * EVENT_SIZE));
                }
            }
        } finally {
            closed = true;
            descriptors.writeLock().lock();
            try {
                epoll.close();
                wake.close();
            } finally {
                descriptors.writeLock().unlock();
            }
            List.copyOf(watches.values()).forEach(FdWatch::close);
            waits.forEach(FdWait::fail);
        }
    }

    private void dispatch(long token, int events) {
        if (token == WAKE_TOKEN) {
            runTasks();
            return;
        }
        FdWatch watch = watches.get(token);
        if (watch != null) {
            guard(() -> watch.dispatch(Readiness.of(events)));
        }
    }

    private void runTasks() {
        try (NativeBuffer counter = NativeBuffer.acquire()) {
            LibC.callRaw(SyscallNumber.READ, wake.value(), counter.address(), Long.BYTES);
        }
        // Only those there now, so that tasks which add tasks do not keep descriptors waiting.
        for (int left = tasks.size(); left > 0 && !closed; left--) {
            Runnable task = tasks.poll();
            if (task != null) {
                guard(task);
            }
        }
        if (!tasks.isEmpty()) {
            wakeUp();
        }
    }

    /** One listener's failure is not the others': the thread goes on. */
    private void guard(Runnable action) {
        try {
            action.run();
        } catch (Throwable e) {
            thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
        }
    }

    private void wakeUp() {
        descriptors.readLock().lock();
        try (NativeBuffer one = NativeBuffer.acquire()) {
            one.bytes().putLong(0, 1);
            // A full counter (EAGAIN) wakes as well, and after closing there is nobody to wake.
            if (wake.isOpen()) {
                LibC.callRaw(SyscallNumber.WRITE, wake.value(), one.address(), Long.BYTES);
            }
        } finally {
            descriptors.readLock().unlock();
        }
    }

    /** Returns false when epoll has this file under this number already. */
    boolean add(Fd fd, Interest interest, long token) {
        long result = control(EPOLL_CTL_ADD, fd.value(), interest.events(), token);
        if (result == -Errno.EEXIST) {
            return false;
        }
        if (result < 0) {
            throw new SyscallException("epoll_ctl", fd.description(), (int) -result);
        }
        return true;
    }

    void modify(int number, Interest interest, long token) {
        // Fails only when the owner has closed the descriptor, which ends the watch as well.
        control(EPOLL_CTL_MOD, number, interest.events(), token);
    }

    void remove(int number) {
        // As above; the kernel forgets a file that nobody has open.
        control(EPOLL_CTL_DEL, number, 0, 0);
    }

    void forget(long token) {
        watches.remove(token);
    }

    private long control(int operation, int number, int events, long token) {
        descriptors.readLock().lock();
        try (NativeBuffer event = NativeBuffer.acquire()) {
            if (!epoll.isOpen()) {
                return -Errno.EBADF;
            }
            event.bytes().putInt(0, events).putLong(EVENT_DATA, token);
            return LibC.callRaw(SyscallNumber.EPOLL_CTL, epoll.value(), operation, number, event.address());
        } finally {
            descriptors.readLock().unlock();
        }
    }
}
