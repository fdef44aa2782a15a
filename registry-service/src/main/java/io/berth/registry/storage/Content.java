package io.berth.registry.storage;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/** Content that was found, ready to be read; what has been opened stays readable when it is removed meanwhile. */
public interface Content extends Closeable {
    /** In bytes. */
    long size();

    /**
     * A part of the content. Parts are read one after another; the caller closes each.
     *
     * @param first position of the first byte, 0 to {@link #size()}
     * @param length in bytes, at most what follows
     */
    InputStream read(long first, long length) throws IOException;

    /** The file that has exactly this content now, for the kernel to send by itself; empty when there is no local one. */
    default Optional<Path> file() {
        return Optional.empty();
    }
}
