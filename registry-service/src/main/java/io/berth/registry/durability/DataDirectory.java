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
 * keys/                    keys that sign tokens
 * admin-password           the first administrator's, until it is changed
 * db/                      the default database
 * backup/                  its copy, when one was asked for
 * </pre>
 *
 * <p>The first three are in another directory, which processes share, where one is set; {@code locks/} is beside them then.
 *
 * <p>Starts in the first lifecycle phase, before anything reads a file or accepts a request.
 */
public final class DataDirectory implements SmartLifecycle {
    /** Phase in which the directory becomes usable; whoever reads it at start comes after. */
    public static final int PHASE = -100;

    private final Path root;
    /** Where content and uploads are. */
    private final Path content;

    private @Nullable FileChannel lockFile;

    /** @param root of the directory; nothing is created before {@link #start()} */
    public DataDirectory(Path root) {
        this(root, null);
    }

    /**
     * One whose content is shared with other processes.
     *
     * @param shared directory for content and uploads, the same for all; null for the root
     */
    public DataDirectory(Path root, @Nullable Path shared) {
        this.root = root.toAbsolutePath();
        this.content = shared == null ? this.root : shared.toAbsolutePath();
    }

    /** Whether other processes use the content and the uploads, too. */
    public boolean shared() {
        return !content.equals(root);
    }

    /** Who changes an upload locks a file here, where the content is shared. */
    public Path locks() {
        return content.resolve("locks");
    }

    public Path blobs() {
        return content.resolve("blobs");
    }

    public Path uploads() {
        return content.resolve("uploads");
    }

    public Path staging() {
        return content.resolve("staging");
    }

    public Path keys() {
        return root.resolve("keys");
    }

    public Path adminPassword() {
        return root.resolve("admin-password");
    }

    public Path backup() {
        return root.resolve("backup");
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
            DurableFiles.createDirectories(keys());
            if (shared()) {
                DurableFiles.createDirectories(locks());
            } else {
                emptyStaging();
            }
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
