package io.berth.engine.log;

import io.berth.engine.runtime.ContainerProcess.Stream;
import java.time.Instant;

/** A line of output, or a part of a long one. A view of bytes that are another's: whoever keeps it copies them. */
final class LogMessage {
    private final Stream stream;
    private final Instant at;
    private final byte[] content;
    private final int offset;
    private final int length;
    private final boolean complete;

    /**
     * @param length without the newline
     * @param complete whether a newline ended it
     */
    LogMessage(Stream stream, Instant at, byte[] content, int offset, int length, boolean complete) {
        this.stream = stream;
        this.at = at;
        this.content = content;
        this.offset = offset;
        this.length = length;
        this.complete = complete;
    }

    Stream stream() {
        return stream;
    }

    Instant at() {
        return at;
    }

    byte[] content() {
        return content;
    }

    int offset() {
        return offset;
    }

    int length() {
        return length;
    }

    boolean complete() {
        return complete;
    }

    /** The line as bytes of its own. */
    byte[] bytes() {
        return java.util.Arrays.copyOfRange(content, offset, offset + length);
    }

    LogMessage copy() {
        return new LogMessage(stream, at, bytes(), 0, length, complete);
    }
}
