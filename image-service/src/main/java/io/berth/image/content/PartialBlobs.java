package io.berth.image.content;

import io.berth.oci.Digest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Blobs that were received in part before something broke off, each under its digest: the next attempt goes on where the last
 * one ended, also after this process was killed. What is in such a file is believed only when the whole blob has its digest.
 * Thread-safe.
 */
final class PartialBlobs {
    /** Smaller blobs are as quickly received again. */
    static final long SMALLEST = 64 * 1024;

    private static final String SUFFIX = ".part";

    private final Path directory;
    private final Set<Digest> inUse = ConcurrentHashMap.newKeySet();

    PartialBlobs(Path directory) {
        this.directory = directory;
    }

    /**
     * The file for a blob, to be used by the caller alone until it {@linkplain #release releases} it. It need not exist.
     *
     * @return nothing when another one is just receiving the blob
     */
    Optional<Path> acquire(Digest digest) {
        return inUse.add(digest) ? Optional.of(path(digest)) : Optional.empty();
    }

    void release(Digest digest) {
        inUse.remove(digest);
    }

    private Path path(Digest digest) {
        return directory.resolve(digest.algorithm() + "-" + digest.hex() + SUFFIX);
    }

    /**
     * Removes what nobody has gone on with for some time and is not doing now.
     *
     * @return bytes given back
     */
    long discardUnused(Duration untouchedFor) throws IOException {
        Instant limit = Instant.now().minus(untouchedFor);
        long freed = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path file : files) {
                freed += discardUnlessUsed(file, limit);
            }
        }
        return freed;
    }

    private long discardUnlessUsed(Path file, Instant limit) throws IOException {
        Digest digest = digestOf(file);
        if (!inUse.add(digest)) {
            return 0;
        }
        try {
            if (Files.getLastModifiedTime(file).toInstant().isAfter(limit)) {
                return 0;
            }
            long size = Files.size(file);
            Files.delete(file);
            return size;
        } catch (NoSuchFileException e) {
            return 0; // finished meanwhile
        } finally {
            inUse.remove(digest);
        }
    }

    static boolean isOne(Path file) {
        return file.getFileName().toString().endsWith(SUFFIX);
    }

    private static Digest digestOf(Path file) {
        String name = file.getFileName().toString();
        return Digest.parse(name.substring(0, name.length() - SUFFIX.length()).replace('-', ':'));
    }
}
