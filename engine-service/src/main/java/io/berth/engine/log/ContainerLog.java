package io.berth.engine.log;

import io.berth.docker.container.LogConfig;
import io.berth.engine.runtime.ContainerProcess.Stream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A container's log: makes lines of its output and hands them to its driver. Thread-safe.
 *
 * <p>Open while the container runs. When {@link #append} returns, files have the lines, so that they survive the end of the
 * engine; the beginning of a line is kept as well. A last line without newline is written at close, as Docker does.
 */
public final class ContainerLog {
    /** As moby waits for its log copier. */
    private static final long CLOSE_PATIENCE_SECONDS = 10;

    private final LogConfig config;
    private final LogDriver driver;
    private final Optional<LogFiles> files;
    private final UnfinishedLines unfinished;
    private final ReentrantLock lock = new ReentrantLock();
    private LineSplitter splitter = new LineSplitter();
    private volatile @Nullable LogTarget target;

    private ContainerLog(LogConfig config, LogDriver driver, Optional<LogFiles> files, Path directory) {
        this.config = config;
        this.driver = driver;
        this.files = files;
        this.unfinished = new UnfinishedLines(directory.resolve("unfinished-lines"));
    }

    /**
     * A container's log; nothing is opened.
     *
     * @param config checked before ({@link LogDrivers#check})
     * @param id of the container
     * @param directory the container's own
     */
    public static ContainerLog of(LogConfig config, String id, Path directory) {
        LogDriver driver = LogDrivers.named(config.type());
        return new ContainerLog(
                config, driver, driver.files(new LogOptions(config.config()), id, directory), directory);
    }

    /** The file in Docker's format; empty for other drivers. */
    public Optional<Path> path() {
        return driver instanceof JsonFileDriver ? files.map(LogFiles::file) : Optional.empty();
    }

    /** What can be read of it; empty when the driver keeps nothing here. */
    public Optional<LogFiles> readable() {
        return files;
    }

    /**
     * Begins to write; does nothing when it has begun.
     *
     * @throws LogDriverException when the driver cannot begin
     */
    public void open(LogInfo info) {
        open(info, false);
    }

    /**
     * Goes on writing for a container that an earlier engine started.
     *
     * @throws LogDriverException when the driver cannot begin
     */
    public void resume(LogInfo info) {
        open(info, true);
    }

    private void open(LogInfo info, boolean resumed) {
        lock.lock();
        try {
            if (target != null) {
                return;
            }
            LogTarget opened =
                    LogModes.apply(driver.open(new LogOptions(config.config()), info, files, resumed), config);
            splitter = new LineSplitter();
            unfinished.resume(splitter);
            target = opened;
        } catch (IOException e) {
            throw new LogDriverException(String.valueOf(e.getMessage()), e);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Writes output; nothing when the log is not open.
     *
     * @throws UncheckedIOException when it is lost
     */
    public void append(Stream stream, byte[] content) {
        lock.lock();
        try {
            LogTarget open = target;
            if (open == null) {
                return;
            }
            splitter.split(stream, content, Instant.now(), open);
            open.flush();
            unfinished.save(splitter);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the log", e);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends writing for good: unfinished lines are written. Waiting readers get the end at {@link #close} only: they take it for the
     * container's.
     */
    public void complete() {
        if (target != null) {
            endWriting(true);
        }
    }

    /** Ends writing for good, unless that was done, and tells waiting readers. */
    public void close() {
        try {
            complete();
        } finally {
            files.ifPresent(LogFiles::endReading);
        }
    }

    /** Ends writing because the engine ends: unfinished lines are kept for the next one. */
    public void suspend() {
        try {
            endWriting(false);
        } finally {
            files.ifPresent(LogFiles::endReading);
        }
    }

    private void endWriting(boolean forGood) {
        boolean alone = lockPatiently();
        try {
            LogTarget open = target;
            if (open == null) {
                return;
            }
            target = null;
            try (open) {
                if (forGood && alone) {
                    splitter.finish(Instant.now(), open);
                    open.flush();
                    unfinished.close();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the log", e);
        } finally {
            if (alone) {
                lock.unlock();
            }
        }
    }

    /** A target that takes nothing must not keep a container from ending: closing it ends a write that is under way. */
    private boolean lockPatiently() {
        try {
            return lock.tryLock(CLOSE_PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
