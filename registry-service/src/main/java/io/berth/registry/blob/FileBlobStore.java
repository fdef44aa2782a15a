package io.berth.registry.blob;

import io.berth.oci.Digest;
import io.berth.registry.durability.DataDirectory;
import io.berth.registry.durability.DurableFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/**
 * Content by digest in files, once for all repositories: {@code blobs/<algorithm>/<first two hex digits>/<hex>}.
 *
 * <p>A file has its final name only when its content was verified and synced, so whatever can be opened is whole. Who may see
 * a blob is not decided here. Content that no repository links stays until garbage collection. Thread-safe: writers of
 * one digest replace each other's file by the same bytes.
 */
@Component
public class FileBlobStore {
    private final DataDirectory directory;
    /** Shards known to be durable. */
    private final Set<Path> prepared = ConcurrentHashMap.newKeySet();

    FileBlobStore(DataDirectory directory) {
        this.directory = directory;
    }

    /** Opens a blob; empty when the store has none of this digest. The caller closes it. */
    public Optional<BlobContent> open(Digest digest) throws IOException {
        try {
            return Optional.of(content(path(digest)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static BlobContent content(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            return new BlobContent(channel, channel.size());
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Stores bytes whose digest the caller has verified; durable on return. */
    public void write(Digest digest, byte[] content) throws IOException {
        Path staged = directory.staging().resolve(UUID.randomUUID().toString());
        try {
            try (FileChannel channel =
                    FileChannel.open(staged, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ByteBuffer rest = ByteBuffer.wrap(content);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            publish(staged, digest);
        } finally {
            Files.deleteIfExists(staged);
        }
    }

    /**
     * Takes over a file as the content of a blob; durable on return.
     *
     * <p>A blob that exists already is replaced too: the bytes are the same, and one that was damaged on the disk heals.
     *
     * @param file verified to have this digest, synced, and on the data directory's file system; gone on success
     */
    public void publish(Path file, Digest digest) throws IOException {
        Path shard = shard(digest);
        prepare(shard);
        DurableFiles.rename(file, shard, digest.hex());
    }

    /**
     * Creates a shard and makes its name durable, once per process. Another thread may have created it and not synced yet,
     * so that it exists is not enough.
     */
    private void prepare(Path shard) throws IOException {
        if (prepared.contains(shard)) {
            return;
        }
        DurableFiles.createDirectories(shard);
        DurableFiles.syncDirectory(shard.resolveSibling("."));
        DurableFiles.syncDirectory(directory.blobs());
        prepared.add(shard);
    }

    private Path path(Digest digest) {
        return shard(digest).resolve(digest.hex());
    }

    /** 256 directories per algorithm, so that none grows too large to list. */
    private Path shard(Digest digest) {
        return directory
                .blobs()
                .resolve(digest.algorithm())
                .resolve(digest.hex().substring(0, 2));
    }
}
