package io.berth.gateway.listener;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * The file of a Unix socket that clients connect to. A lock on {@code <socket>.lock}, held until {@link #close}, makes
 * sure that a file left by a killed process is taken over and a living process's is not.
 *
 * <p>The socket is bound under another name inside a directory that only this user can enter, gets its mode there and is
 * then renamed, so it is never reachable with the wrong mode.
 */
final class SocketFile implements AutoCloseable {
    private final Path socket;
    private final Path nursery;
    private final FileChannel channel;
    private final FileLock lock;

    private SocketFile(Path socket, Path nursery, FileChannel channel, FileLock lock) {
        this.socket = socket;
        this.nursery = nursery;
        this.channel = channel;
        this.lock = lock;
    }

    /**
     * Takes the lock and clears the way.
     *
     * @throws IllegalStateException when another process serves the socket
     * @throws UncheckedIOException when the directory cannot be used
     */
    static SocketFile take(Path socket) {
        Path directory = socket.toAbsolutePath().getParent();
        if (directory == null) {
            throw new IllegalStateException("not a socket's path: " + socket);
        }
        try {
            Files.createDirectories(directory);
            FileChannel channel = FileChannel.open(
                    socket.resolveSibling(socket.getFileName() + ".lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                throw new IllegalStateException(
                        "another process listens on " + socket + ": choose another run directory or stop it first");
            }
            // Short names: a socket's path may have 107 bytes only (unix(7)).
            Path nursery = directory.resolve(".gw");
            if (!Files.isDirectory(nursery)) {
                Files.createDirectory(
                        nursery, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            SocketFile file = new SocketFile(socket, nursery, channel, lock);
            Files.deleteIfExists(file.bindPath());
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare the socket " + socket, e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    /** Where to bind. */
    Path bindPath() {
        return nursery.resolve("s");
    }

    /**
     * Gives the bound socket mode 0660 and its real name, replacing what is left there.
     *
     * @param group that may connect besides this user, or null to leave the process's own
     */
    void publish(@Nullable String group) {
        try {
            if (group != null) {
                PosixFileAttributeView view = Files.getFileAttributeView(bindPath(), PosixFileAttributeView.class);
                view.setGroup(bindPath()
                        .getFileSystem()
                        .getUserPrincipalLookupService()
                        .lookupPrincipalByGroupName(group));
            }
            Files.setPosixFilePermissions(bindPath(), PosixFilePermissions.fromString("rw-rw----"));
            Files.move(bindPath(), socket, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Files.deleteIfExists(nursery);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot set up the socket " + socket, e);
        }
    }

    /** Removes the socket and gives up the lock; the lock file stays, because removing it would race with a successor. */
    @Override
    public void close() {
        try (channel) {
            Files.deleteIfExists(socket);
            lock.release();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove the socket " + socket, e);
        }
    }
}
