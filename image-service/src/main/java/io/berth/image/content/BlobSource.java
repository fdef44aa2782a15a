package io.berth.image.content;

import java.io.IOException;
import java.io.InputStream;

/**
 * Where a blob's bytes come from; opened only when they are needed, and once: again only when a part that was kept from an earlier
 * attempt has turned out to be of another blob.
 */
@FunctionalInterface
public interface BlobSource {
    /** The bytes from the start. The receiver closes the stream, early when it gives up. */
    InputStream open() throws IOException;

    /** The bytes from an offset on, for those that have the ones before it. */
    default InputStream openAt(long offset) throws IOException {
        InputStream in = open();
        in.skipNBytes(offset);
        return in;
    }
}
