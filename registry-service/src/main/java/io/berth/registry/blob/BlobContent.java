package io.berth.registry.blob;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;

/**
 * A blob's bytes, open for reading; stays readable when the blob is removed or replaced meanwhile.
 *
 * @param size in bytes
 */
public record BlobContent(FileChannel channel, long size) implements Closeable {
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
