package io.berth.unixhttp;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryNotificationInfo;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.function.LongSupplier;
import javax.management.ListenerNotFoundException;
import javax.management.NotificationEmitter;
import javax.management.NotificationListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what becomes of a process whose memory is used up. A request for which there was none is answered with an error, and the
 * others go on; but a heap that stays full, several such requests within a minute, or a thread of the service's own that
 * had no memory end the process, so that whoever watches over it starts it again. Thread-safe; lives as long as the process.
 */
public final class HeapWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HeapWatch.class);

    /** As with the JVM's own ExitOnOutOfMemoryError. */
    private static final int EXIT_CODE = 3;

    private static final double FULL = 0.95;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration PERIOD = Duration.ofMinutes(1);
    private static final int MOST_FAILURES = 8;

    private static final HeapWatch PROCESS =
            new HeapWatch(System::nanoTime, () -> Runtime.getRuntime().halt(EXIT_CODE));

    private final LongSupplier nanos;
    private final Runnable end;
    /** When requests had no memory, the oldest first; guarded by itself. */
    private final Deque<Long> failures = new ArrayDeque<>();

    private volatile @Nullable Runnable stop;

    /** The watch over this process. */
    public static HeapWatch ofProcess() {
        return PROCESS;
    }

    /** @param end ends the process; does not return outside of tests */
    HeapWatch(LongSupplier nanos, Runnable end) {
        this.nanos = nanos;
        this.end = end;
    }

    /** Watches from now on. */
    void begin() {
        Thread.setDefaultUncaughtExceptionHandler(this::uncaught);
        ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP && pool.isCollectionUsageThresholdSupported())
                .max(Comparator.comparing(
                                (MemoryPoolMXBean pool) -> pool.getName().contains("Tenured")
                                        || pool.getName().contains("Old"))
                        .thenComparing(pool -> pool.getUsage().getMax()))
                .ifPresent(this::watch);
    }

    private void watch(MemoryPoolMXBean pool) {
        long max = pool.getUsage().getMax();
        if (max <= 0 || !(ManagementFactory.getMemoryMXBean() instanceof NotificationEmitter emitter)) {
            return;
        }
        long full = (long) (max * FULL);
        pool.setCollectionUsageThreshold(full);
        NotificationListener listener = (notification, _) -> {
            if (notification.getType().equals(MemoryNotificationInfo.MEMORY_COLLECTION_THRESHOLD_EXCEEDED)) {
                Thread _ = Thread.ofPlatform().daemon().name("heap-watch").start(() -> wait(pool, full));
            }
        };
        emitter.addNotificationListener(listener, null, null);
        stop = () -> {
            try {
                emitter.removeNotificationListener(listener);
            } catch (ListenerNotFoundException e) {
                LOG.atDebug().setCause(e).log("the heap was not watched");
            }
        };
    }

    /** It was full after a collection: that may be one request, which goes, or the end. */
    private void wait(MemoryPoolMXBean pool, long full) {
        try {
            Thread.sleep(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        // What was collected last may be long ago.
        System.gc();
        if (pool.getUsage().getUsed() > full) {
            end("the heap stays full", null);
        }
    }

    private void uncaught(Thread thread, Throwable failure) {
        if (comesFromMemory(failure)) {
            end("a thread had no memory: " + thread.getName(), failure);
        } else {
            LOG.atError()
                    .setCause(failure)
                    .addKeyValue("thread", thread.getName())
                    .log("a thread has failed");
        }
    }

    /**
     * A request has been given up.
     *
     * @return whether there was no memory for it, which is told and counted here
     */
    public boolean isOutOfMemory(Throwable failure) {
        if (!comesFromMemory(failure)) {
            return false;
        }
        requestFailed(failure);
        return true;
    }

    private void requestFailed(Throwable failure) {
        int count;
        synchronized (failures) {
            long now = nanos.getAsLong();
            failures.add(now);
            while (now - failures.getFirst() > PERIOD.toNanos()) {
                failures.remove();
            }
            count = failures.size();
        }
        if (count >= MOST_FAILURES) {
            end(count + " requests had no memory within a minute", failure);
        } else {
            LOG.atError().setCause(failure).log("there was no memory for a request");
        }
    }

    private void end(String reason, @Nullable Throwable failure) {
        try {
            LOG.atError().setCause(failure).log("the process ends: {}", reason);
        } finally {
            end.run();
        }
    }

    private static boolean comesFromMemory(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof OutOfMemoryError) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        Runnable watching = stop;
        if (watching != null) {
            watching.run();
        }
    }
}
