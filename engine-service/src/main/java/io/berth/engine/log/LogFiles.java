package io.berth.engine.log;

import io.berth.docker.DockerJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A log in files: the current one and, older, those that were rotated away ({@link RotatedFiles}).
 *
 * <p>Thread-safe: one thread writes, any number read. Between {@link #open} and {@link #endReading} the log is live, and readers
 * may wait for more. Lines are in the page cache when {@link #flush} returns: they survive the end of the engine.
 */
public final class LogFiles implements LogTarget {
    private static final int SCAN_BYTES = 64 * 1024;
    private static final int WRITE_BYTES = 64 * 1024;

    private final Path file;
    private final RotatedFiles rotated;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream(0);
    private FileSettings settings = FileSettings.JSON_FILE;
    private String attributes = "";
    private @Nullable FileChannel channel;
    private boolean live;
    private long size;
    private long generation;

    /**
     * Names the files; nothing is opened.
     *
     * @param file the current one
     */
    LogFiles(Path file) {
        this.file = file;
        this.rotated = new RotatedFiles(file);
    }

    /** The current file. */
    Path file() {
        return file;
    }

    /**
     * Begins to write; what is there already stays. A line that an earlier engine left torn is ended, so that the next one
     * can be read.
     *
     * @param with written with each line
     */
    void open(FileSettings rotation, Map<String, String> with) throws IOException {
        lock.lock();
        try {
            if (channel != null) {
                return;
            }
            settings = rotation;
            attributes = with.isEmpty() ? "" : DockerJson.MAPPER.writeValueAsString(with);
            Path directory = file.toAbsolutePath().getParent();
            if (directory != null && !Files.isDirectory(directory)) {
                Files.createDirectories(directory);
            }
            FileChannel opened = openCurrent();
            size = opened.size();
            if (size > 0 && byteAt(opened, size - 1) != '\n') {
                opened.write(ByteBuffer.wrap(new byte[] {'\n'}), size);
                size++;
            }
            opened.position(size);
            channel = opened;
            live = true;
        } finally {
            lock.unlock();
        }
    }

    private FileChannel openCurrent() throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private static byte byteAt(FileChannel channel, long position) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        channel.read(one, position);
        return one.get(0);
    }

    @Override
    public void write(LogMessage message) throws IOException {
        lock.lock();
        try {
            if (channel == null) {
                return;
            }
            if (size + lines.size() >= settings.maxFileBytes()) {
                writeLines();
                rotate();
            }
            LogLine.encode(lines, message, attributes);
            if (lines.size() >= WRITE_BYTES) {
                writeLines();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void flush() throws IOException {
        lock.lock();
        try {
            writeLines();
        } finally {
            lock.unlock();
        }
    }

    private void writeLines() throws IOException {
        if (lines.size() == 0 || channel == null) {
            return;
        }
        ByteBuffer buffer = ByteBuffer.wrap(lines.toByteArray());
        lines.reset();
        while (buffer.hasRemaining()) {
            size += channel.write(buffer);
        }
        changed.signalAll();
    }

    private void rotate() throws IOException {
        if (channel == null || size == 0) {
            return;
        }
        rotated.rotate(settings);
        channel.close();
        channel = null;
        channel = openCurrent();
        channel.truncate(0); // with one file only there was nowhere to move it to
        size = 0;
        generation++;
    }

    /** Ends writing; readers wait on. */
    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            if (channel != null) {
                writeLines();
                channel.close();
            }
        } finally {
            channel = null;
            lock.unlock();
        }
        rotated.settle();
    }

    /** Nothing will come until it is opened again: waiting readers get the end. */
    void endReading() {
        lock.lock();
        try {
            live = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Opens all files, oldest first, at one moment between two lines.
     *
     * <p>An opened file can be read to its end also after it was rotated or deleted.
     */
    List<OpenFile> openAll() throws IOException {
        lock.lock();
        try {
            List<OpenFile> newestFirst = new ArrayList<>();
            for (int i = 0; i == newestFirst.size(); i++) {
                openNumbered(i).ifPresent(newestFirst::add);
            }
            return newestFirst.reversed();
        } finally {
            lock.unlock();
        }
    }

    private Optional<OpenFile> openNumbered(int number) throws IOException {
        return rotated.open(number, generation - number);
    }

    /** What a reader at the end of its file is told. */
    sealed interface More {
        /** Lines were added to the same file. */
        record SameFile() implements More {}

        /** The file is complete; reading goes on with the next, unless it was deleted already. */
        record NextFile(OpenFile next) implements More {}

        /** Nothing came in that time. */
        record Nothing() implements More {}

        /** Nothing will come. */
        record End() implements More {}
    }

    /**
     * Waits until there is more to read than was read.
     *
     * @param read generation of the reader's file, and how many bytes of it were read
     */
    More awaitMore(long read, long position, long millis) throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
            while (live && generation == read && size <= position) {
                if (nanos <= 0) {
                    return new More.Nothing();
                }
                nanos = changed.awaitNanos(nanos);
            }
            if (generation > read) {
                int number = (int) Math.min(generation - read - 1, settings.maxFiles() - 1L);
                Optional<OpenFile> next = openNumbered(number);
                return next.isPresent() ? new More.NextFile(next.get()) : new More.End();
            }
            return size > position ? new More.SameFile() : new More.End();
        } finally {
            lock.unlock();
        }
    }

    /** Whether more may come. */
    public boolean live() {
        lock.lock();
        try {
            return live;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Where the last {@code lines} lines of a file begin.
     *
     * @return the position, and how many lines are there, which may be fewer
     */
    static Tail tail(FileChannel channel, long lines) throws IOException {
        long end = channel.size();
        if (lines == 0) {
            return new Tail(end, 0);
        }
        long found = 0;
        ByteBuffer block = ByteBuffer.allocate(SCAN_BYTES);
        while (end > 0) {
            long start = Math.max(0, end - SCAN_BYTES);
            block.clear().limit((int) (end - start));
            channel.read(block, start);
            for (int i = block.position() - 1; i >= 0; i--) {
                // The newline that ends the last line begins nothing.
                if (block.get(i) == '\n' && start + i + 1 < channel.size() && ++found == lines) {
                    return new Tail(start + i + 1, lines);
                }
            }
            end = start;
        }
        return new Tail(0, channel.size() == 0 ? 0 : found + 1);
    }

    /** The end of a file. */
    record Tail(long position, long lines) {}
}
