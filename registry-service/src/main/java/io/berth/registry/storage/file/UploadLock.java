package io.berth.registry.storage.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A lock of one file by this process (fcntl(2), F_SETLK), also on file systems of the network that have such locks. The kernel gives it
 * back when the process ends or closes the file by any descriptor, so the file is opened for nothing else. One for each file at a
 * time in a process.
 */
final class UploadLock implements Closeable {
    private final Path file;
    private final FileChannel channel;

    private UploadLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Takes a lock; empty while another process has it. */
    static Optional<UploadLock> tryTake(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean taken = false;
        try {
            FileLock lock = channel.tryLock();
            taken = lock != null;
            return taken ? Optional.of(new UploadLock(file, channel)) : Optional.empty();
        } catch (OverlappingFileLockException e) {
            return Optional.empty(); // two registries in one process, as in tests
        } finally {
            if (!taken) {
                channel.close();
            }
        }
    }

    /** Removes the file; who opens it at this moment gets the lock of a file that has gone, and finds no upload. */
    void remove() throws IOException {
        Files.deleteIfExists(file);
        close();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
