package io.berth.registry.storage;

import java.io.Closeable;
import java.io.IOException;

/** Appends to an upload session. Used by one thread. */
public interface UploadWriter extends Closeable {
    /** Where the next byte goes. */
    long offset();

    void write(byte[] buffer, int offset, int length) throws IOException;

    /** Keeps everything that was written. */
    void commit() throws IOException;

    /** Takes back what was written and not committed. */
    @Override
    void close() throws IOException;
}
