package io.berth.image.content;

import java.io.IOException;
import java.io.InputStream;

/** Where a blob's bytes come from; opened only when they are needed, and at most once. */
@FunctionalInterface
public interface BlobSource {
    /** The bytes from the start. The receiver closes the stream, early when it gives up. */
    InputStream open() throws IOException;
}
