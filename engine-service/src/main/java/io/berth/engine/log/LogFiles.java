package io.berth.engine.log;

import io.berth.engine.runtime.ContainerProcess.Stream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A container's log files: {@code <id>-json.log} and, older, {@code <id>-json.log.1} and so on.
 *
 * <p>Thread-safe: one thread writes, any number read. Between {@link #open} and {@link #close} the log is live, and readers may
 * wait for more. A line longer than 16 KiB is kept in parts, a last line without newline is written at close, as Docker does.
 * Lines are in the page cache when {@link #append} returns: they survive the end of the engine.
 */
public final class LogFiles {
    private static final int MAX_PART_BYTES = 16 * 1024;
    private static final int SCAN_BYTES = 64 * 1024;

    private final Path file;
    private final LogOptions options;
    private final String attributes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<Stream, ByteArrayOutputStream> unfinished =
            Map.of(Stream.STDOUT, new ByteArrayOutputStream(0), Stream.STDERR, new ByteArrayOutputStream(0));
    private @Nullable FileChannel channel;
    private long size;
    private long generation;

    /**
     * Names the files; nothing is opened.
     *
     * @param file the current one
     * @param attributes written with each line
     */
    public LogFiles(Path file, LogOptions options, Map<String, String> attributes) {
        this.file = file;
        this.options = options;
        this.attributes = attributes.isEmpty() ? "" : JsonMapper.shared().writeValueAsString(attributes);
    }

    /** The current file. */
    public Path file() {
        return file;
    }

    /** Whether output is kept at all. */
    public boolean kept() {
        return options.kept();
    }

    /**
     * Begins to write; what is there already stays. A line that an earlier engine left torn is ended, so that the next one
     * can be read.
     */
    public void open() {
        lock.lock();
        try {
            if (channel != null || !options.kept()) {
                return;
            }
            FileChannel opened = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            size = opened.size();
            if (size > 0 && byteAt(opened, size - 1) != '\n') {
                opened.write(ByteBuffer.wrap(new byte[] {'\n'}), size);
                size++;
            }
            opened.position(size);
            channel = opened;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open the log " + file, e);
        } finally {
            lock.unlock();
        }
    }

    private static byte byteAt(FileChannel channel, long position) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        channel.read(one, position);
        return one.get(0);
    }

    /**
     * Writes output; nothing when the log is not open.
     *
     * @throws UncheckedIOException when the disk refuses it
     */
    public void append(Stream stream, byte[] content) {
        lock.lock();
        try {
            if (channel == null) {
                return;
            }
            ByteArrayOutputStream rest = rest(stream);
            byte[] all = content;
            if (rest.size() > 0) {
                rest.writeBytes(content);
                all = rest.toByteArray();
                rest.reset();
            }
            ByteArrayOutputStream lines = new ByteArrayOutputStream(all.length + 128);
            int done = split(all, stream, lines);
            rest.write(all, done, all.length - done);
            write(lines);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the log " + file, e);
        } finally {
            lock.unlock();
        }
    }

    private ByteArrayOutputStream rest(Stream stream) {
        ByteArrayOutputStream rest = unfinished.get(stream);
        if (rest == null) {
            throw new IllegalStateException("no such stream: " + stream);
        }
        return rest;
    }

    private int split(byte[] all, Stream stream, ByteArrayOutputStream lines) throws IOException {
        String time = Instant.now().toString();
        int start = 0;
        for (int i = 0; i < all.length; i++) {
            if (all[i] == '\n') {
                encode(lines, all, start, i + 1 - start, stream, time);
                start = i + 1;
            } else if (i + 1 - start == MAX_PART_BYTES) {
                int whole = LogLine.wholeCharacters(all, start, MAX_PART_BYTES);
                encode(lines, all, start, whole, stream, time);
                start += whole;
            }
        }
        return start;
    }

    private void encode(ByteArrayOutputStream lines, byte[] all, int start, int length, Stream stream, String time)
            throws IOException {
        if (size + lines.size() >= options.maxFileBytes()) {
            write(lines);
            rotate();
        }
        LogLine.encode(lines, all, start, length, name(stream), time, attributes);
    }

    private static String name(Stream stream) {
        return stream == Stream.STDOUT ? "stdout" : "stderr";
    }

    private void write(ByteArrayOutputStream lines) throws IOException {
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
        channel.close();
        channel = null;
        for (int i = options.maxFiles() - 1; i >= 1; i--) {
            Path older = i == 1 ? file : numbered(i - 1);
            if (Files.exists(older)) {
                Files.move(older, numbered(i), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        channel = FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING);
        size = 0;
        generation++;
    }

    private Path numbered(int number) {
        return file.resolveSibling(file.getFileName() + "." + number);
    }

    /** Ends writing: unfinished lines are written, waiting readers get the end. */
    public void close() {
        lock.lock();
        try {
            if (channel == null) {
                return;
            }
            String time = Instant.now().toString();
            for (Stream stream : Stream.values()) {
                ByteArrayOutputStream rest = rest(stream);
                if (rest.size() > 0) {
                    ByteArrayOutputStream line = new ByteArrayOutputStream();
                    encode(line, rest.toByteArray(), 0, rest.size(), stream, time);
                    rest.reset();
                    write(line);
                }
            }
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the log " + file, e);
        } finally {
            channel = null;
            changed.signalAll();
            lock.unlock();
        }
    }

    /** A reader's place: an open file, and which one it is. */
    record OpenFile(FileChannel channel, long generation) {}

    /**
     * Opens all files, oldest first, at one moment between two lines.
     *
     * <p>An opened file can be read to its end also after it was rotated or deleted.
     */
    List<OpenFile> openAll() throws IOException {
        lock.lock();
        try {
            List<OpenFile> files = new ArrayList<>();
            for (int i = options.maxFiles() - 1; i >= 0; i--) {
                openNumbered(i).ifPresent(files::add);
            }
            return files;
        } finally {
            lock.unlock();
        }
    }

    private Optional<OpenFile> openNumbered(int number) throws IOException {
        Path path = number == 0 ? file : numbered(number);
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        return Optional.of(new OpenFile(FileChannel.open(path, StandardOpenOption.READ), generation - number));
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
            while (channel != null && generation == read && size <= position) {
                if (nanos <= 0) {
                    return new More.Nothing();
                }
                nanos = changed.awaitNanos(nanos);
            }
            if (generation > read) {
                int number = (int) Math.min(generation - read - 1, options.maxFiles() - 1L);
                Optional<OpenFile> next = openNumbered(number);
                return next.isPresent() ? new More.NextFile(next.get()) : new More.End();
            }
            return size > position ? new More.SameFile() : new More.End();
        } finally {
            lock.unlock();
        }
    }

    /** Whether it is being written to. */
    public boolean live() {
        lock.lock();
        try {
            return channel != null;
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
