package io.berth.registry.storage.file;

import io.berth.oci.Digest;
import io.berth.registry.durability.DataDirectory;
import io.berth.registry.durability.DurableFiles;
import io.berth.registry.storage.Content;
import io.berth.registry.storage.ContentStorage;
import io.berth.registry.storage.Location;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Content in files: {@code blobs/<algorithm>/<first two hex digits>/<hex>.<uuid>}, by an early version without the UUID.
 *
 * <p>A file has its final name only when its content was verified and synced, so whatever can be opened is whole. Two files
 * of one digest exist beside each other for a while when a blob is pushed again. Thread-safe.
 */
public final class FileContentStorage implements ContentStorage {
    private final DataDirectory directory;
    /** Shards known to be durable. */
    private final Set<Path> prepared = ConcurrentHashMap.newKeySet();

    public FileContentStorage(DataDirectory directory) {
        this.directory = directory;
    }

    @Override
    public Location newLocation(Digest digest) {
        return location(digest, UUID.randomUUID());
    }

    /** 256 directories per algorithm, so that none grows too large to list. */
    static Location location(Digest digest, UUID id) {
        return new Location(digest.algorithm() + "/" + digest.hex().substring(0, 2) + "/" + digest.hex() + "." + id);
    }

    @Override
    public void write(Location location, byte[] content) throws IOException {
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
            publish(staged, location);
        } finally {
            Files.deleteIfExists(staged);
        }
    }

    /**
     * Takes over a file; durable on return.
     *
     * @param file verified, synced, and on the data directory's file system; gone on success
     */
    void publish(Path file, Location location) throws IOException {
        Path target = path(location);
        prepare(target.resolveSibling("."));
        DurableFiles.rename(
                file, target.resolveSibling("."), target.getFileName().toString());
    }

    /**
     * Creates a shard and makes its name durable, once per process. Another thread may have created it and not synced yet,
     * so that it exists is not enough.
     */
    private void prepare(Path place) throws IOException {
        Path shard = place.normalize();
        if (prepared.contains(shard)) {
            return;
        }
        DurableFiles.createDirectories(shard);
        DurableFiles.syncDirectory(shard.resolveSibling("."));
        DurableFiles.syncDirectory(directory.blobs());
        prepared.add(shard);
    }

    @Override
    public Optional<Content> open(Location location) throws IOException {
        try {
            return Optional.of(FileContent.open(path(location)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public void remove(Location location) throws IOException {
        Files.deleteIfExists(path(location));
    }

    @Override
    @SuppressWarnings("StreamResourceLeak") // the caller closes what it is given
    public Stream<Stored> stored() throws IOException {
        Path root = directory.blobs();
        return Files.walk(root).flatMap(file -> stored(root, file).stream());
    }

    /** Empty for directories, for what has just been removed and for what somebody else has put there. */
    private static Optional<Stored> stored(Path root, Path file) {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.isRegularFile()
                    ? Optional.of(new Stored(
                            new Location(root.relativize(file).toString()),
                            attributes.size(),
                            attributes.lastModifiedTime().toInstant()))
                    : Optional.empty();
        } catch (NoSuchFileException | IllegalArgumentException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean exclusive() {
        return !directory.shared();
    }

    private Path path(Location location) {
        return directory.blobs().resolve(location.value());
    }
}
