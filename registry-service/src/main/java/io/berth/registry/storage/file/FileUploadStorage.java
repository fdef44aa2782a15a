package io.berth.registry.storage.file;

import io.berth.oci.Digest;
import io.berth.registry.durability.DataDirectory;
import io.berth.registry.storage.Content;
import io.berth.registry.storage.Location;
import io.berth.registry.storage.UploadStorage;
import io.berth.registry.storage.UploadWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Uploads as files that grow, {@code uploads/<id>}. The file alone says how far the upload is. Where several processes share the
 * directory, the one that changes an upload has a lock of the kernel's, which ends with the process. Thread-safe.
 */
public final class FileUploadStorage implements UploadStorage {
    private final DataDirectory directory;
    private final FileContentStorage contents;
    /** Sessions that this process changes. */
    private final Set<UUID> claimed = ConcurrentHashMap.newKeySet();

    public FileUploadStorage(DataDirectory directory, FileContentStorage contents) {
        this.directory = directory;
        this.contents = contents;
    }

    private Path file(UUID id) {
        return directory.uploads().resolve(id.toString());
    }

    @Override
    public void create(UUID id) throws IOException {
        Files.createFile(file(id));
    }

    @Override
    public long size(UUID id) throws IOException {
        return Files.size(file(id));
    }

    @Override
    public Instant touchedAt(UUID id) throws IOException {
        return Files.getLastModifiedTime(file(id)).toInstant();
    }

    @Override
    public Optional<Claim> claim(UUID id) throws IOException {
        if (!claimed.add(id)) {
            return Optional.empty();
        }
        boolean taken = false;
        try {
            if (!directory.shared()) {
                taken = true;
                return Optional.of(new FileClaim(id, null));
            }
            Optional<UploadLock> lock = UploadLock.tryTake(directory.locks().resolve(id.toString()));
            if (lock.isPresent() && !Files.exists(file(id))) {
                lock.get().remove();
                throw new NoSuchFileException(id.toString());
            }
            taken = lock.isPresent();
            return lock.map(held -> new FileClaim(id, held));
        } finally {
            if (!taken) {
                claimed.remove(id);
            }
        }
    }

    private final class FileClaim implements Claim {
        private final UUID id;
        private final @Nullable UploadLock lock;

        /** @param lock against other processes; null where there are none */
        FileClaim(UUID id, @Nullable UploadLock lock) {
            this.id = id;
            this.lock = lock;
        }

        @Override
        public UploadWriter append() throws IOException {
            return new Writer(FileChannel.open(file(id), StandardOpenOption.WRITE));
        }

        @Override
        public Optional<Content> open() throws IOException {
            return Optional.of(FileContent.open(file(id)));
        }

        @Override
        public Location location(Digest digest) {
            return FileContentStorage.location(digest, id);
        }

        @Override
        public void complete(Location location) throws IOException {
            try (FileChannel channel = FileChannel.open(file(id), StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            contents.publish(file(id), location);
        }

        @Override
        public void discard() throws IOException {
            Files.deleteIfExists(file(id));
            if (lock != null) {
                lock.remove();
            }
        }

        @Override
        public void close() throws IOException {
            try {
                if (lock != null) {
                    lock.close();
                }
            } finally {
                claimed.remove(id);
            }
        }
    }

    /** What is not committed is cut off again, unless the process dies: then it stays and the client is told so. */
    private static final class Writer implements UploadWriter {
        private final FileChannel channel;
        private final BackgroundSync sync;
        private long committed;
        private long position;

        Writer(FileChannel channel) throws IOException {
            this.channel = channel;
            sync = new BackgroundSync(channel);
            committed = channel.size();
            position = committed;
        }

        @Override
        public long offset() {
            return position;
        }

        @Override
        public void write(byte[] buffer, int offset, int length) throws IOException {
            ByteBuffer rest = ByteBuffer.wrap(buffer, offset, length);
            while (rest.hasRemaining()) {
                position += channel.write(rest, position);
            }
            sync.written(length);
        }

        @Override
        public void commit() throws IOException {
            sync.requireIntact();
            committed = position;
        }

        @Override
        public void close() throws IOException {
            try (channel) {
                sync.close();
                if (channel.isOpen() && sync.lost()) {
                    channel.truncate(0); // nothing that is in the file can be relied on
                } else if (channel.isOpen() && position != committed) {
                    channel.truncate(committed);
                }
            }
        }
    }

    @Override
    public Set<UUID> reconcile(Collection<UUID> known) throws IOException {
        Set<UUID> withoutFile = new HashSet<>(known);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory.uploads())) {
            for (Path file : files) {
                // Where the directory is shared, a session may begin at this moment, whose row comes after its file.
                if (!withoutFile.remove(UUID.fromString(file.getFileName().toString())) && !directory.shared()) {
                    Files.deleteIfExists(file);
                }
            }
        }
        return withoutFile;
    }

    @Override
    public void removeOrphans(Collection<UUID> known, Instant before) throws IOException {
        if (!directory.shared()) {
            return;
        }
        Set<String> names = known.stream().map(UUID::toString).collect(Collectors.toSet());
        for (Path place : List.of(directory.uploads(), directory.staging(), directory.locks())) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(place)) {
                for (Path file : files) {
                    if (!names.contains(file.getFileName().toString()) && isOlder(file, before)) {
                        Files.deleteIfExists(file);
                    }
                }
            }
        }
    }

    private static boolean isOlder(Path file, Instant time) throws IOException {
        try {
            return Files.getLastModifiedTime(file).toInstant().isBefore(time);
        } catch (NoSuchFileException e) {
            return false; // somebody else has removed it
        }
    }
}
