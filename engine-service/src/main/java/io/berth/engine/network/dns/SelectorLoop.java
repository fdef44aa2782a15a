package io.berth.engine.network.dns;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that waits for any number of channels and calls whom they belong to.
 *
 * <p>{@link #execute}, {@link #runAndRelease} and {@link #close} may be called by any thread; what is registered, and lists of
 * what expires, are the loop's own thread's once it has been started.
 */
final class SelectorLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SelectorLoop.class);

    /** Whom a channel belongs to. */
    @FunctionalInterface
    interface Handler {
        /** The channel is ready for what it was registered for. Does a bounded amount of work, so that others get their turn. */
        void ready(SelectionKey key);
    }

    private final Selector selector;
    private final Thread thread;
    private final List<Expiry<?>> expiries = new ArrayList<>();

    /** Guarded by itself, as is {@link #closed}. */
    private final Queue<Runnable> tasks = new ArrayDeque<>();

    private boolean closed;

    private SelectorLoop(String threadName) throws IOException {
        this.selector = Selector.open();
        this.thread = Thread.ofPlatform().name(threadName).daemon().unstarted(this::run);
    }

    /**
     * Makes a loop that is yet to be started.
     *
     * @throws UncheckedIOException when descriptors run out
     */
    static SelectorLoop open(String threadName) {
        try {
            return new SelectorLoop(threadName);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open a selector", e);
        }
    }

    void start() {
        thread.start();
    }

    /** Runs a task on the loop's thread soon; returns false when the loop has been closed, and does not run it. */
    boolean execute(Runnable task) {
        synchronized (tasks) {
            if (closed) {
                return false;
            }
            tasks.add(task);
        }
        selector.wakeup();
        return true;
    }

    /**
     * Runs a task that closes channels, and returns when the kernel has closed them: a registered channel keeps its socket until
     * the selector lets go of it. Not to be called on the loop's thread. Nothing is left to do when the loop has been closed.
     */
    void runAndRelease(Runnable task) {
        var released = new CompletableFuture<Void>();
        boolean accepted = execute(() -> {
            try {
                task.run();
                selector.selectNow(this::dispatch);
                released.complete(null);
            } catch (IOException | RuntimeException | Error e) {
                released.completeExceptionally(e);
            }
        });
        if (accepted) {
            released.join();
        }
    }

    /** Watches a channel that is in non-blocking mode, until it is closed. */
    SelectionKey register(SelectableChannel channel, int operations, Handler handler) throws IOException {
        return channel.register(selector, operations, handler);
    }

    @Nullable
    SelectionKey keyOf(SelectableChannel channel) {
        return channel.keyFor(selector);
    }

    /** Makes a list of what ends by itself some time after it was touched last. Only before the loop is started. */
    <T> Expiry<T> expiry(Duration after, Consumer<T> end) {
        var expiry = new Expiry<>(after, end);
        expiries.add(expiry);
        return expiry;
    }

    private void run() {
        try (selector) {
            while (runTasks()) {
                selector.select(this::dispatch, millisToNextExpiry());
                long now = System.nanoTime();
                for (Expiry<?> expiry : expiries) {
                    guarded(() -> expiry.expire(now));
                }
            }
        } catch (IOException e) {
            LOG.atError().setCause(e).log("name server has stopped");
        } finally {
            end();
        }
    }

    /** Returns false when the loop has been closed; what was asked for before has been done then. */
    private boolean runTasks() {
        while (true) {
            Runnable task;
            boolean last;
            synchronized (tasks) {
                task = tasks.poll();
                last = closed;
            }
            if (task == null) {
                return !last;
            }
            guarded(task);
        }
    }

    private void dispatch(SelectionKey key) {
        Handler handler = (Handler) key.attachment();
        if (key.isValid() && !guarded(() -> handler.ready(key))) {
            close(key.channel()); // or it would be ready, and fail, for ever
        }
    }

    private static boolean guarded(Runnable work) {
        try {
            work.run();
            return true;
        } catch (RuntimeException | Error e) {
            // One container's socket, and all others' go on.
            LOG.atError().setCause(e).log("name server failed at a socket");
            return false;
        }
    }

    private long millisToNextExpiry() {
        long nanos = Long.MAX_VALUE;
        long now = System.nanoTime();
        for (Expiry<?> expiry : expiries) {
            nanos = Math.min(nanos, expiry.nanosToNext(now));
        }
        // No timeout is 0 here, and one that is due is the least there is.
        return nanos == Long.MAX_VALUE ? 0 : Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos) + 1);
    }

    private void end() {
        synchronized (tasks) {
            closed = true;
        }
        runTasks();
    }

    /** Closes a channel; what the kernel says to it does not matter, since the number is free in any case. */
    static void close(AutoCloseable channel) {
        try {
            channel.close();
        } catch (Exception e) {
            LOG.atDebug().setCause(e).log("closing a socket failed");
        }
    }

    /** Ends the thread after the tasks that have been handed in, and closes every channel. */
    @Override
    public void close() {
        synchronized (tasks) {
            if (!closed) {
                closed = true; // together with the last task: no channel may be registered after it
                tasks.add(() -> selector.keys().forEach(key -> close(key.channel())));
            }
        }
        selector.wakeup();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
