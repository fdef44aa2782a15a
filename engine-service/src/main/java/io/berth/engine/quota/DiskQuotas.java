package io.berth.engine.quota;

import io.berth.docker.error.SystemFailure;
import io.berth.engine.data.EngineProperties;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.quota.ProjectQuota;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.stereotype.Component;

/**
 * Limits what directories below the engine's data directory may take, where its file system counts projects (moby:
 * quota/projectquota.go). Which project a directory belongs to is kept by the file system alone. Thread-safe.
 */
@Component
public final class DiskQuotas {
    /** Beyond what administrators number by hand. */
    private static final int FIRST_PROJECT = 0x4000_0000;

    private final Path data;
    private final ReentrantLock lock = new ReentrantLock();
    private int last;

    public DiskQuotas(EngineProperties engine) {
        this.data = engine.dataDir().toAbsolutePath().normalize();
    }

    /** Whether limits can be kept. */
    public boolean supported() {
        if (!Files.isDirectory(data)) {
            return false;
        }
        try (Directory directory = Directory.open(data)) {
            return ProjectQuota.isEnforced(directory);
        }
    }

    /**
     * Limits all that will be made in an empty directory.
     *
     * @throws SystemFailure when the file system refuses
     */
    public void limit(Path directory, long bytes) {
        assign(directory, bytes, true);
    }

    /**
     * Sets a limit aside for what will be made below a directory and is given its project then; what is made in the directory
     * itself does not count.
     *
     * @throws SystemFailure when the file system refuses
     */
    public void reserve(Path directory, long bytes) {
        assign(directory, bytes, false);
    }

    private void assign(Path path, long bytes, boolean inherited) {
        lock.lock();
        try (Directory directory = Directory.open(path)) {
            int project = next();
            ProjectQuota.limit(directory, project, bytes);
            ProjectQuota.assign(directory, project, inherited);
        } catch (SyscallException e) {
            throw new SystemFailure("cannot limit the size of " + path + ": " + e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }

    /** One that no directory has; after a start, none of those that the engine before has given. */
    private int next() {
        if (last == 0) {
            last = FIRST_PROJECT;
            for (int used : used()) {
                last = Math.max(last, used);
            }
        }
        return ++last;
    }

    private Set<Integer> used() {
        Set<Integer> used = new HashSet<>();
        for (Path parent : List.of(data.resolve("containers"), data.resolve("volumes"))) {
            for (Path child : children(parent)) {
                used.add(project(child));
                used.add(project(child.resolve("_data")));
            }
        }
        return used;
    }

    private static List<Path> children(Path parent) {
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent, Files::isDirectory)) {
            List<Path> children = new java.util.ArrayList<>();
            entries.forEach(children::add);
            return children;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + parent, e);
        }
    }

    private static int project(Path path) {
        try (Directory directory = Directory.open(path)) {
            return ProjectQuota.project(directory);
        } catch (SyscallException e) {
            return 0; // gone, or never there
        }
    }
}
