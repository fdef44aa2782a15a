package io.berth.engine.files;

import io.berth.archive.OverlayMarks;
import io.berth.docker.container.FilesystemChange;
import io.berth.engine.container.Container;
import io.berth.engine.runtime.ContainerTree;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.DirectoryEntry;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.FileStat;
import io.berth.linux.fd.OpenFlag;
import io.berth.linux.fd.Resolution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Compares a container's writable layer with its image, in the order and with the parents that moby lists (OverlayChanges in
 * pkg/archive/changes_linux.go).
 */
@Component
public final class FilesystemChanges {
    private static final String PLACEHOLDER_DIRECTORY = "/etc";
    private static final Set<String> PLACEHOLDERS =
            Set.of("/.dockerenv", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf");

    /** Made where the image has none, for the kernel's file systems. */
    private static final Set<String> MOUNT_POINTS = Set.of("/dev", "/proc", "/sys");

    private final ContainerTrees trees;

    FilesystemChanges(ContainerTrees trees) {
        this.trees = trees;
    }

    /** Everything that was added, changed or deleted; a container that was never started has changed nothing. */
    public List<FilesystemChange> of(Container container) throws IOException {
        Path upper = container.directory().resolve("upper");
        if (!Files.isDirectory(upper)) {
            return List.of();
        }
        try (ContainerTree image = trees.image(container);
                Directory layer = Directory.open(upper, Resolution.BENEATH_NO_SYMLINKS)) {
            return withoutPlaceholders(compare(layer, image.root()), layer);
        } catch (SyscallException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /**
     * Leaves out the empty files that a start makes, most of them to mount the engine's own on, their directory when nothing
     * else was done in it, and the mount points: Docker has them in a layer of their own.
     */
    static List<FilesystemChange> withoutPlaceholders(List<FilesystemChange> changes, Directory layer) {
        List<FilesystemChange> kept = new ArrayList<>(changes);
        boolean any = kept.removeIf(change -> change.kind() == FilesystemChange.ADDED
                && PLACEHOLDERS.contains(change.path())
                && layer.stat(change.path().substring(1)).size() == 0);
        if (any && kept.stream().noneMatch(change -> change.path().startsWith(PLACEHOLDER_DIRECTORY + "/"))) {
            kept.removeIf(
                    change -> change.path().equals(PLACEHOLDER_DIRECTORY) && change.kind() != FilesystemChange.DELETED);
        }
        kept.removeIf(change -> change.kind() == FilesystemChange.ADDED
                && MOUNT_POINTS.contains(change.path())
                && changes.stream().noneMatch(other -> other.path().startsWith(change.path() + "/")));
        return kept;
    }

    /**
     * @param layer upper directory of an overlay
     * @param image what is below it
     */
    static List<FilesystemChange> compare(Directory layer, Directory image) {
        Comparison comparison = new Comparison(image);
        comparison.visit(layer, "");
        return comparison.changes;
    }

    private static final class Comparison {
        private final Directory image;
        private final List<FilesystemChange> changes = new ArrayList<>();
        private final Set<String> listedDirectories = new HashSet<>();

        Comparison(Directory image) {
            this.image = image;
        }

        void visit(Directory directory, String path) {
            List<DirectoryEntry> entries = directory.list();
            entries.sort(Comparator.comparing(DirectoryEntry::name));
            for (DirectoryEntry entry : entries) {
                FileStat stat = directory.statIfPresent(entry.name());
                if (stat == null) {
                    continue; // removed since it was listed
                }
                String child = path + "/" + entry.name();
                record(directory, entry.name(), child, path, stat);
                if (stat.isDirectory()) {
                    try (Directory below = open(directory, entry.name())) {
                        visit(below, child);
                    }
                }
            }
        }

        private static Directory open(Directory at, String name) {
            FileHandle opened =
                    at.open(name, Set.of(OpenFlag.DIRECTORY, OpenFlag.NO_FOLLOW), 0, Resolution.BENEATH_NO_SYMLINKS);
            return Directory.own(opened.fd(), Resolution.BENEATH_NO_SYMLINKS);
        }

        private void record(Directory at, String name, String path, String parent, FileStat stat) {
            @Nullable FileStat below = image.statIfPresent(path);
            int kind = kind(at, name, stat, below);
            boolean sameDirectory = kind == FilesystemChange.MODIFIED
                    && below != null
                    // Of this one Docker's init layer has a copy, so that it is listed with whatever changes in it.
                    && !path.equals(PLACEHOLDER_DIRECTORY)
                    && stat.isDirectory()
                    && below.isDirectory()
                    && stat.permissions() == below.permissions()
                    && stat.uid() == below.uid()
                    && stat.gid() == below.gid()
                    && stat.modified().equals(below.modified());
            if (sameDirectory) {
                return; // copied up for what is in it
            }
            if (stat.isDirectory()) {
                listedDirectories.add(path);
            }
            if (kind != FilesystemChange.MODIFIED && !parent.isEmpty() && listedDirectories.add(parent)) {
                changes.add(new FilesystemChange(parent, FilesystemChange.MODIFIED));
            }
            changes.add(new FilesystemChange(path, kind));
        }

        private static int kind(Directory at, String name, FileStat stat, @Nullable FileStat below) {
            if (OverlayMarks.isWhiteout(stat)) {
                return FilesystemChange.DELETED;
            }
            if (below == null) {
                return FilesystemChange.ADDED;
            }
            boolean replaced = stat.isDirectory() && OverlayMarks.isOpaque(at, name);
            return replaced ? FilesystemChange.DELETED : FilesystemChange.MODIFIED;
        }
    }
}
