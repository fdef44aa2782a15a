package io.berth.engine.log;

import java.io.IOException;

/** Where lines go while a container runs. Used by one thread at a time. */
interface LogTarget extends AutoCloseable {
    /**
     * Takes a line; it may be kept back until {@link #flush}.
     *
     * @throws IOException when it is lost
     */
    void write(LogMessage message) throws IOException;

    /** No more lines are there for now. */
    void flush() throws IOException;

    /** Nothing comes any more. */
    @Override
    void close() throws IOException;
}
