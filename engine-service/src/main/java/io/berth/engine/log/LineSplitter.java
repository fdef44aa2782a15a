package io.berth.engine.log;

import io.berth.engine.runtime.ContainerProcess.Stream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * Makes lines of two streams of bytes. A line longer than 16 KiB becomes several parts, as with Docker, so that memory is
 * bounded whatever a container writes; no character is torn. Used by one thread at a time.
 */
final class LineSplitter {
    static final int MAX_PART_BYTES = 16 * 1024;

    private final Map<Stream, ByteArrayOutputStream> unfinished = new EnumMap<>(Stream.class);

    LineSplitter() {
        for (Stream stream : Stream.values()) {
            unfinished.put(stream, new ByteArrayOutputStream(0));
        }
    }

    /** Gives lines to the target; what comes after the last newline waits for more. */
    void split(Stream stream, byte[] content, Instant now, LogTarget target) throws IOException {
        ByteArrayOutputStream rest = rest(stream);
        byte[] all = content;
        if (rest.size() > 0) {
            rest.writeBytes(content);
            all = rest.toByteArray();
            rest.reset();
        }
        int start = 0;
        for (int i = 0; i < all.length; i++) {
            if (all[i] == '\n') {
                target.write(new LogMessage(stream, now, all, start, i - start, true));
                start = i + 1;
            } else if (i + 1 - start == MAX_PART_BYTES) {
                int whole = Utf8.wholeCharacters(all, start, MAX_PART_BYTES);
                target.write(new LogMessage(stream, now, all, start, whole, false));
                start += whole;
            }
        }
        rest.write(all, start, all.length - start);
    }

    /** Gives out the beginnings of lines that will not be ended. */
    void finish(Instant now, LogTarget target) throws IOException {
        for (Stream stream : Stream.values()) {
            byte[] rest = rest(stream).toByteArray();
            rest(stream).reset();
            if (rest.length > 0) {
                target.write(new LogMessage(stream, now, rest, 0, rest.length, false));
            }
        }
    }

    /** What has come of a stream's present line. */
    byte[] unfinished(Stream stream) {
        return rest(stream).toByteArray();
    }

    boolean hasUnfinished() {
        return unfinished.values().stream().anyMatch(rest -> rest.size() > 0);
    }

    /** Goes on with lines that another splitter began. */
    void resume(Stream stream, byte[] beginning) {
        rest(stream).reset();
        rest(stream).writeBytes(Arrays.copyOf(beginning, Math.min(beginning.length, MAX_PART_BYTES - 1)));
    }

    private ByteArrayOutputStream rest(Stream stream) {
        ByteArrayOutputStream rest = unfinished.get(stream);
        if (rest == null) {
            throw new IllegalStateException("no such stream: " + stream);
        }
        return rest;
    }
}
