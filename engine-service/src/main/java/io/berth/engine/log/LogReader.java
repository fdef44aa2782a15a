package io.berth.engine.log;

import io.berth.engine.log.LogFiles.More;
import io.berth.engine.runtime.ContainerProcess.Stream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Reads a container's log for one client.
 *
 * <p>Used by one thread; reading does not hold up the writer.
 */
public final class LogReader {
    private static final int BLOCK_BYTES = 64 * 1024;
    private static final int MAX_LINE_BYTES = 1 << 20;
    private static final long ALIVE_CHECK_MILLIS = 5_000;
    private static final DateTimeFormatter NANOS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'").withZone(ZoneOffset.UTC);

    private final LogFiles files;
    private final LogQuery query;
    private final Sink sink;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean pastUntil;

    public LogReader(LogFiles files, LogQuery query, Sink sink) {
        this.files = files;
        this.query = query;
        this.sink = sink;
    }

    /** Who gets the lines. */
    public interface Sink {
        /** A line's content, ready to be sent. */
        void line(Stream stream, byte[] content) throws IOException;

        /** No more lines are there for now: what was buffered should go out. */
        void flush() throws IOException;

        /** Asked while waiting: whether the client is still there. */
        boolean wanted();
    }

    /**
     * Reads until the end; when following, until the container has stopped, the time is up or the client is gone.
     *
     * @throws IOException when a file cannot be read or the client cannot be written to
     */
    public void read() throws IOException, InterruptedException {
        Deque<OpenFile> open = new ArrayDeque<>(files.openAll());
        try {
            skipToTail(open);
            while (open.size() > 1 && !pastUntil) {
                consume(open.getFirst().channel());
                open.removeFirst().close();
            }
            if (!open.isEmpty() && !pastUntil) {
                consume(open.getFirst().channel());
            }
            sink.flush();
            if (query.follow() && !pastUntil) {
                if (open.isEmpty()) {
                    awaitFirst();
                } else {
                    follow(open.removeFirst());
                }
            }
        } finally {
            for (OpenFile file : open) {
                file.close();
            }
        }
    }

    /** Docker counts lines before it looks at streams and times. */
    private void skipToTail(Deque<OpenFile> open) throws IOException {
        if (query.tail() < 0) {
            return;
        }
        long missing = query.tail();
        int wanted = 0;
        for (OpenFile file : List.copyOf(open).reversed()) {
            if (wanted > 0 && missing == 0) {
                break;
            }
            LogFiles.Tail tail = LogFiles.tail(file.channel(), missing);
            file.channel().position(tail.position());
            missing -= tail.lines();
            wanted++;
        }
        while (open.size() > wanted) {
            open.removeFirst().close();
        }
    }

    private void awaitFirst() throws IOException, InterruptedException {
        if (files.live() && files.awaitMore(Long.MIN_VALUE, 0, 0) instanceof More.NextFile(var next)) {
            consume(next.channel());
            sink.flush();
            follow(next);
        }
    }

    private void follow(OpenFile from) throws IOException, InterruptedException {
        OpenFile current = from;
        try {
            while (!pastUntil && sink.wanted()) {
                switch (files.awaitMore(current.generation(), current.channel().position(), waitMillis())) {
                    case More.SameFile _ -> consume(current.channel());
                    case More.NextFile(var next) -> {
                        // What was written before the rotation is all there now.
                        consume(current.channel());
                        current.close();
                        current = next;
                        line.reset();
                        consume(current.channel());
                    }
                    case More.Nothing _ -> pastUntil = isPast(Instant.now());
                    case More.End _ -> {
                        consume(current.channel());
                        sink.flush();
                        return;
                    }
                }
                sink.flush();
            }
        } finally {
            current.close();
        }
    }

    private long waitMillis() {
        if (query.until() == null) {
            return ALIVE_CHECK_MILLIS;
        }
        long left = query.until().toEpochMilli() - System.currentTimeMillis() + 1;
        return Math.clamp(left, 1, ALIVE_CHECK_MILLIS);
    }

    private boolean isPast(Instant time) {
        return query.until() != null && time.isAfter(query.until());
    }

    /** Reads to the present end of the file; a line that is not complete yet is kept for the next time. */
    private void consume(FileChannel channel) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
        while (!pastUntil && channel.read(block) > 0) {
            byte[] bytes = block.array();
            int start = 0;
            for (int i = 0; i < block.position(); i++) {
                if (bytes[i] == '\n') {
                    addToLine(bytes, start, i - start);
                    deliver(line.toByteArray());
                    line.reset();
                    start = i + 1;
                }
            }
            addToLine(bytes, start, block.position() - start);
            block.clear();
        }
    }

    /** No engine writes longer lines: what is beyond belongs to something that is no log line, and is not delivered. */
    private void addToLine(byte[] bytes, int start, int length) {
        line.write(bytes, start, Math.min(length, MAX_LINE_BYTES - line.size()));
    }

    private void deliver(byte[] encoded) throws IOException {
        LogLine decoded = LogLine.decode(encoded).orElse(null);
        if (decoded == null || pastUntil) {
            return;
        }
        if (query.since() != null && decoded.at().isBefore(query.since())) {
            return;
        }
        if (isPast(decoded.at())) {
            pastUntil = true;
            return;
        }
        Stream stream = streamOf(decoded);
        if (stream == Stream.STDOUT ? query.stdout() : query.stderr()) {
            sink.line(stream, (prefix(decoded) + decoded.log()).getBytes(StandardCharsets.UTF_8));
        }
    }

    private static Stream streamOf(LogLine line) {
        return line.stream().equals("stderr") ? Stream.STDERR : Stream.STDOUT;
    }

    private String prefix(LogLine decoded) {
        String time = query.timestamps() ? NANOS.format(decoded.at()) + " " : "";
        if (!query.details()) {
            return time;
        }
        String details = new TreeMap<>(decoded.attrs())
                .entrySet().stream()
                        .map(entry -> encode(entry.getKey()) + "=" + encode(entry.getValue()))
                        .collect(Collectors.joining(","));
        return time + details + " ";
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
