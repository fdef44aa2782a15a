package io.berth.json;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Memory that all documents which are being read may take together. What does not fit waits, the first first; what fits is let in
 * although others wait for more. Thread-safe; lives as long as its process.
 */
public final class Room {
    private static final Room JUDGED = new Room(Runtime.getRuntime().maxMemory() / 3);
    private static final Room READ = new Room(Runtime.getRuntime().maxMemory() / 8);

    private final long size;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long taken;

    private record Waiting(long bytes, CompletableFuture<Boolean> granted) {}

    /** @param size in bytes */
    public Room(long size) {
        this.size = size;
    }

    /** This process' room for documents while they are trees: a third of its heap. */
    public static Room judged() {
        return JUDGED;
    }

    /** This process' room for what has arrived of bodies that are not complete: an eighth of its heap. */
    public static Room read() {
        return READ;
    }

    /** Takes room if there is some. Something larger than all of it is let in when nothing else is there. */
    public boolean tryTake(long bytes) {
        lock.lock();
        try {
            if (taken > 0 && taken + bytes > size) {
                return false;
            }
            taken += bytes;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes room when there is some: true when it is taken, false after so much time without. */
    public CompletableFuture<Boolean> take(long bytes, Duration patience) {
        lock.lock();
        try {
            if (tryTake(bytes)) {
                return CompletableFuture.completedFuture(true);
            }
            CompletableFuture<Boolean> granted = new CompletableFuture<>();
            waiting.add(new Waiting(bytes, granted));
            return granted.completeOnTimeout(false, patience.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            lock.unlock();
        }
    }

    /** The same, waited for by the calling thread. */
    public boolean await(long bytes, Duration patience) {
        CompletableFuture<Boolean> granted = take(bytes, patience);
        try {
            return granted.get(2 * patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("waiting for room failed", e);
        }
        if (!granted.complete(false) && granted.join()) {
            giveBack(bytes);
        }
        return false;
    }

    /** Gives back what was taken. Who waits for it may go on in this thread. */
    public void giveBack(long bytes) {
        lock.lock();
        try {
            taken -= bytes;
        } finally {
            lock.unlock();
        }
        for (Waiting next; (next = nextLetIn()) != null; ) {
            if (!next.granted.complete(true)) {
                // It has just given up.
                lock.lock();
                try {
                    taken -= next.bytes;
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    private @Nullable Waiting nextLetIn() {
        lock.lock();
        try {
            for (Waiting next; (next = waiting.peek()) != null; waiting.remove()) {
                if (next.granted.isDone()) {
                    continue;
                }
                return tryTake(next.bytes) ? waiting.remove() : null;
            }
            return null;
        } finally {
            lock.unlock();
        }
    }
}
