package io.berth.engine.secret;

import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.docker.error.SystemFailure;
import io.berth.engine.data.EngineProperties;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.DirectoryEntry;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.FileStat;
import io.berth.linux.mount.FileSystemMagic;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Secrets and configs as files of containers: written to a tmpfs of the host that only root can look into, bound into the
 * container when it is started, and unlinked as soon as it runs. From then on nothing but the container's mount holds them;
 * they were on no disk, and go with its last process.
 *
 * <p>Thread-safe; the caller starts one container once at a time.
 */
@Component
public final class SecretFiles implements SmartLifecycle {
    private static final List<Path> CANDIDATES = List.of(Path.of("/run"), Path.of("/dev/shm"));
    private static final int PRIVATE = 0700;

    private final Secrets secrets;
    private final String name;
    private volatile boolean running;

    SecretFiles(Secrets secrets, EngineProperties engine) {
        this.secrets = secrets;
        this.name = "berth-secrets-"
                + digest(engine.dataDir().toAbsolutePath().normalize().toString());
    }

    private static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** A file to be bound, read-only, at a place in the container. */
    public record BoundSecret(Path source, String target) {}

    /** A file that is given as it is. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record PlacedFile(byte[] content, int mode, long uid, long gid) {}

    /**
     * Finds out which ones a new container is given.
     *
     * @return their ids by {@link SecretUse#key()}
     * @throws InvalidParameter when one does not; not found would make clients pull the image
     */
    public Map<String, String> settle(List<SecretUse> uses) {
        Map<String, String> ids = new HashMap<>();
        for (SecretUse use : uses) {
            try {
                ids.put(use.key(), secrets.find(use.kind(), use.name()).id());
            } catch (NotFound e) {
                throw new InvalidParameter(e.text(), e);
            }
        }
        return ids;
    }

    /** Where the files of a container are between {@link #place} and {@link #clear}. */
    public List<BoundSecret> bound(String containerId, List<SecretUse> uses) {
        List<BoundSecret> bound = new ArrayList<>();
        for (int i = 0; i < uses.size(); i++) {
            Path source = root().resolve(containerId).resolve(Integer.toString(i));
            bound.add(new BoundSecret(source, uses.get(i).target()));
        }
        return bound;
    }

    /**
     * Writes a container's files.
     *
     * @throws SystemFailure when that fails; nothing is left then
     */
    public void place(String containerId, List<SecretUse> uses) {
        try {
            List<PlacedFile> files = new ArrayList<>();
            for (SecretUse use : uses) {
                byte[] value = secrets.value(secrets.given(use));
                files.add(new PlacedFile(value, use.mode(), use.uid(), use.gid()));
            }
            List<Path> _ = place(containerId, files);
        } catch (NotFound e) {
            throw new SystemFailure(e.text(), e);
        }
    }

    /**
     * Writes files that need not be secrets of the engine's.
     *
     * @return where they are until {@link #clear}, in their order
     * @throws SystemFailure when that fails; nothing is left then
     */
    public List<Path> place(String containerId, Collection<PlacedFile> files) {
        if (files.isEmpty()) {
            return List.of();
        }
        List<Path> placed = new ArrayList<>();
        try (Directory root = openRoot()) {
            root.deleteRecursively(containerId);
            root.mkdir(containerId, PRIVATE);
            try (Directory directory = root.openDirectory(containerId)) {
                for (PlacedFile file : files) {
                    String name = Integer.toString(placed.size());
                    write(directory, name, file);
                    placed.add(root().resolve(containerId).resolve(name));
                }
            }
            return placed;
        } catch (SyscallException e) {
            clear(containerId);
            throw new SystemFailure("cannot give a container its secrets: " + e.getMessage(), e);
        }
    }

    private static void write(Directory directory, String name, PlacedFile file) {
        try (FileHandle handle = directory.createFile(name, 0600)) {
            handle.write(file.content(), 0, file.content().length);
        }
        directory.chown(name, file.uid(), file.gid());
        directory.chmod(name, file.mode());
    }

    /** Takes the names of a container's files away, whether it runs or could not be started. */
    public void clear(String containerId, List<SecretUse> uses) {
        if (!uses.isEmpty()) {
            clear(containerId);
        }
    }

    /** Takes the names of a container's files away. */
    public void clear(String containerId) {
        try (Directory root = openRoot()) {
            root.deleteRecursively(containerId);
        } catch (SyscallException e) {
            throw new SystemFailure("cannot unlink a container's secrets: " + e.getMessage(), e);
        }
    }

    private Path root() {
        return memory().resolve(name);
    }

    private static Path memory() {
        for (Path candidate : CANDIDATES) {
            try (Directory directory = Directory.open(candidate)) {
                if (directory.statFileSystem().magic() == FileSystemMagic.TMPFS) {
                    return candidate;
                }
            } catch (SyscallException e) {
                if (e.errno() != Errno.ENOENT) {
                    throw e;
                }
            }
        }
        throw new SystemFailure("secrets need a tmpfs at /run or /dev/shm");
    }

    /** /dev/shm is everybody's: a directory that somebody else has made there is not used. */
    private Directory openRoot() {
        try (Directory memory = Directory.open(memory())) {
            @Nullable FileStat stat = memory.statIfPresent(name);
            if (stat == null) {
                memory.mkdir(name, PRIVATE);
                stat = memory.stat(name);
            }
            if (!stat.isDirectory() || stat.uid() != 0 || stat.permissions() != PRIVATE) {
                throw new SystemFailure(root() + " is not a directory of root's alone");
            }
            return memory.openDirectory(name);
        }
    }

    @Override
    public int getPhase() {
        return -1;
    }

    /** Unlinks what an engine that was killed in the middle of a start has left. */
    @Override
    public void start() {
        try (Directory memory = Directory.open(memory())) {
            if (memory.statIfPresent(name) != null) {
                try (Directory root = openRoot()) {
                    for (DirectoryEntry left : root.list()) {
                        root.deleteRecursively(left.name());
                    }
                }
            }
        } catch (SystemFailure _) {
            // No tmpfs on this host: told to whoever wants a secret.
        }
        running = true;
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
