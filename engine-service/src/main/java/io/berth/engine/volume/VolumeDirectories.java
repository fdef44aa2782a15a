package io.berth.engine.volume;

import io.berth.archive.TreeUsage;
import io.berth.docker.error.SystemFailure;
import io.berth.engine.data.EngineProperties;
import io.berth.engine.quota.DiskQuotas;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileStat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Where volumes have their files: {@code <data-dir>/volumes/<name>/_data}, with the modes of Docker's (0701, 0701, 0755).
 *
 * <p>A volume that is being removed is first renamed to {@code volumes/.removing/<name>}: from then on its name is free, and
 * what a killed engine leaves there is deleted when the next one starts.
 */
@Component
final class VolumeDirectories {
    private static final String DATA = "_data";
    private static final String REMOVING = ".removing";

    private final Path root;
    private final DiskQuotas quotas;

    VolumeDirectories(EngineProperties engine, DiskQuotas quotas) {
        this.quotas = quotas;
        this.root = engine.dataDir().toAbsolutePath().normalize().resolve("volumes");
    }

    /** What is a volume's alone. */
    Path of(String name) {
        return root.resolve(name);
    }

    /** Where a retired volume is until it is deleted. */
    Path ofRetired(String name) {
        return root.resolve(REMOVING).resolve(name);
    }

    /** Where a volume's files are. */
    Path data(String name) {
        return root.resolve(name).resolve(DATA);
    }

    /** Makes the directory of all volumes. */
    void prepare() {
        try {
            Files.createDirectories(root.resolve(REMOVING));
            setMode(root, "rwx-----x");
            setMode(root.resolve(REMOVING), "rwx------");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare " + root, e);
        }
    }

    /** Whether sizes of volumes can be limited. */
    boolean canLimit() {
        return quotas.supported();
    }

    /** Makes a volume's directory; one that exists stays as it is. */
    void create(String name, LocalOptions options) {
        Path directory = root.resolve(name);
        try {
            if (Files.isDirectory(directory.resolve(DATA))) {
                return;
            }
            Files.createDirectories(directory);
            setMode(directory, "rwx-----x");
            Files.createDirectory(directory.resolve(DATA));
            setMode(directory.resolve(DATA), "rwxr-xr-x");
            if (options.sizeBytes() > 0) {
                quotas.limit(directory.resolve(DATA), options.sizeBytes());
            }
            own(directory, options.owner());
        } catch (IOException | SyscallException e) {
            throw new SystemFailure("error while creating volume data path '" + data(name) + "': " + e.getMessage(), e);
        }
    }

    private static void own(Path directory, LocalOptions.Owner owner) {
        try (Directory volume = Directory.open(directory)) {
            FileStat now = volume.stat(DATA);
            if (owner.uid() != null || owner.gid() != null) {
                volume.chown(
                        DATA,
                        owner.uid() == null ? now.uid() : owner.uid(),
                        owner.gid() == null ? now.gid() : owner.gid());
            }
            @Nullable Integer mode = owner.mode();
            if (mode != null) {
                volume.chmod(DATA, mode);
            }
        }
    }

    /** Takes a volume's directory out of sight in one step; {@link #delete} finishes. */
    void retire(String name) {
        Path directory = root.resolve(name);
        Path retired = root.resolve(REMOVING).resolve(name);
        try {
            if (Files.exists(retired)) {
                // Left by an earlier attempt that could not be finished.
                delete(name);
            }
            if (Files.exists(directory)) {
                Path _ = Files.move(directory, retired, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw new SystemFailure("error removing volume path '" + directory + "': " + e.getMessage(), e);
        }
    }

    /** Whether a volume has been retired and its files are not gone yet. */
    boolean isRetired(String name) {
        return Files.exists(root.resolve(REMOVING).resolve(name)) && !Files.exists(root.resolve(name));
    }

    /** Deletes the files of a retired volume: follows no link and enters no mount. */
    void delete(String name) {
        try (Directory removing = Directory.open(root.resolve(REMOVING))) {
            removing.deleteRecursively(name);
        } catch (SyscallException e) {
            throw new SystemFailure("error removing volume path '" + root.resolve(name) + "': " + e.getMessage(), e);
        }
    }

    /** Names of retired volumes. */
    List<String> retired() {
        return names(root.resolve(REMOVING));
    }

    /** Names of all directories. */
    List<String> present() {
        return names(root);
    }

    private static List<String> names(Path directory) {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                if (Files.isDirectory(entry) && !entry.getFileName().toString().startsWith(".")) {
                    names.add(entry.getFileName().toString());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + directory, e);
        }
        return names;
    }

    /** Whether a directory holds nothing that anybody could miss. */
    boolean isEmpty(String name) {
        try {
            if (!Files.isDirectory(data(name))) {
                return names(root.resolve(name)).isEmpty();
            }
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(data(name))) {
                return !entries.iterator().hasNext();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + data(name), e);
        }
    }

    /** Bytes that a volume takes on disk, as du(1) counts. */
    long size(String name) {
        return TreeUsage.of(data(name));
    }

    private static void setMode(Path path, String mode) throws IOException {
        Path _ = Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }
}
