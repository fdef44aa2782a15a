package io.berth.registry.durability;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * The registry's data directory, owned by one process at a time and readable by its user alone.
 *
 * <pre>
 * blobs/sha256/ab/ab12…   content, complete and verified
 * uploads/&lt;uuid&gt;          bytes of an upload session
 * staging/                 files on their way to blobs/, worthless after a restart
 * db/                      the default database
 * </pre>
 *
 * <p>Starts in the first lifecycle phase, before anything reads a file or accepts a request.
 */
public final class DataDirectory implements SmartLifecycle {
    /** Phase in which the directory becomes usable; whoever reads it at start comes after. */
    public static final int PHASE = -100;

    private final Path root;
    private @Nullable FileChannel lockFile;

    /** @param root of the directory; nothing is created before {@link #start()} */
    public DataDirectory(Path root) {
        this.root = root.toAbsolutePath();
    }

    public Path blobs() {
        return root.resolve("blobs");
    }

    public Path uploads() {
        return root.resolve("uploads");
    }

    public Path staging() {
        return root.resolve("staging");
    }

    /**
     * Creates what is missing and takes the lock.
     *
     * @throws IllegalStateException when another process holds the directory
     */
    @Override
    public synchronized void start() {
        try {
            DurableFiles.createDirectories(root);
            Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
            lockFile = lock(root.resolve("lock"));
            DurableFiles.createDirectories(blobs());
            DurableFiles.createDirectories(uploads());
            DurableFiles.createDirectories(staging());
            emptyStaging();
            syncDatabaseDirectory();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare the data directory " + root, e);
        }
    }

    private static FileChannel lock(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (tryLock(channel) == null) {
            channel.close();
            throw new IllegalStateException("another registry uses " + file.getParent()
                    + ": stop it first or choose another berth.registry.data-dir");
        }
        return channel;
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private void emptyStaging() throws IOException {
        try (var left = Files.newDirectoryStream(staging())) {
            for (Path file : left) {
                Files.delete(file);
            }
        }
    }

    /** The database has created its file by now; a synced commit is worth nothing while the name can be lost. */
    private void syncDatabaseDirectory() throws IOException {
        Path database = root.resolve("db");
        if (Files.isDirectory(database)) {
            DurableFiles.syncDirectory(database);
            DurableFiles.syncDirectory(root);
        }
    }

    @Override
    public synchronized void stop() {
        try {
            if (lockFile != null) {
                lockFile.close();
                lockFile = null;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot release the data directory " + root, e);
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return lockFile != null;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
