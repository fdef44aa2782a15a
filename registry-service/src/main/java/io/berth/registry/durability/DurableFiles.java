package io.berth.registry.durability;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** File operations whose outcome survives a power loss once they have returned. Stateless. */
public final class DurableFiles {
    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private DurableFiles() {}

    /** Creates a directory and its missing parents with mode 0700, and syncs each parent that gained an entry. */
    public static void createDirectories(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        Path parent = directory.getParent();
        if (parent != null) {
            createDirectories(parent);
        }
        Files.createDirectories(directory, PRIVATE);
        if (parent != null) {
            syncDirectory(parent);
        }
    }

    /**
     * Moves a file into a directory under its final name, over whatever has that name.
     *
     * @param file whose content has been synced already, on the same file system
     */
    public static void rename(Path file, Path directory, String name) throws IOException {
        Files.move(file, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        syncDirectory(directory);
    }

    /** Makes the names in a directory durable: fsync of the directory itself (fsync(2), NOTES). */
    public static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
