package io.berth.image.source;

import io.berth.oci.Digest;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A file that has been fetched.
 *
 * @param path of it: {@code name} in the directory it was fetched into, mode 0600
 * @param name from the address, else from the server; one plain file name
 * @param digest of its content
 * @param size in bytes
 * @param modified as the server says; null when it does not
 */
public record FetchedFile(
        Path path,
        String name,
        Digest digest,
        long size,
        @Nullable Instant modified) {}
