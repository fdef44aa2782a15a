package io.berth.image.layer;

import io.berth.archive.ArchiveFormatException;
import io.berth.archive.OverlayMarks;
import io.berth.archive.TarEntry;
import io.berth.archive.TarReader;
import io.berth.archive.TreeWriter;
import io.berth.linux.FileNameCodec;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileStat;
import io.berth.linux.fd.FileType;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * Writes a layer archive into a directory as overlayfs wants it: whiteouts become 0:0 character devices, opaque markers
 * the attribute {@code trusted.overlay.opaque} (OCI image spec, layer.md; kernel, overlayfs.rst).
 *
 * <p>Nothing that an archive says reaches a file outside the directory: names are cleaned as Docker cleans them (absolute
 * ones start at the root, those that climb above it are refused), and everything is done relative to descriptors with
 * openat2(RESOLVE_IN_ROOT), so that links in the tree, also ones swapped in meanwhile, resolve inside it. The last
 * component is never followed. What exists is replaced, except that directories are merged, as moby's
 * pkg/archive/diff.go does. Used once, by one thread.
 */
final class LayerExtractor {
    private static final String WHITEOUT = ".wh.";
    private static final String METADATA = ".wh..wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    private static final int IMPLIED_DIRECTORY_MODE = 0_755;

    private final TreeWriter tree;
    private final UnpackLimits limits;
    private long entries;
    private long bytes;

    LayerExtractor(Directory root, UnpackLimits limits) {
        this.tree = TreeWriter.ofLayer(root);
        this.limits = limits;
    }

    /**
     * Extracts the whole archive.
     *
     * @return the sum of the sizes of its regular files, in bytes
     * @throws ArchiveFormatException when it is malformed, hostile, or exceeds a limit
     * @throws SyscallException when the file system refuses
     */
    long extract(InputStream archive) throws IOException {
        TarReader reader = new TarReader(archive);
        try (tree) {
            Optional<TarEntry> entry = reader.next();
            while (entry.isPresent()) {
                entries++;
                checkEntries();
                extract(entry.get(), reader.content());
                checkEntries();
                entry = reader.next();
            }
            tree.setDirectoryTimes();
        }
        return bytes;
    }

    /** Directories that only names imply count too: they take inodes like the others. */
    private void checkEntries() throws ArchiveFormatException {
        if (entries + tree.impliedDirectories() > limits.maxEntries()) {
            throw new ArchiveFormatException("more than " + limits.maxEntries() + " entries");
        }
    }

    private void extract(TarEntry entry, InputStream content) throws IOException {
        String path = TreeWriter.clean(entry.name());
        if (path.isEmpty()) {
            tree.writeRoot(entry);
            return;
        }
        int slash = path.lastIndexOf('/');
        String directory = slash < 0 ? "" : path.substring(0, slash);
        String name = path.substring(slash + 1);
        if (isAufsMetadata(path) && !name.equals(OPAQUE)) {
            return;
        }
        Directory at = tree.directory(directory, IMPLIED_DIRECTORY_MODE);
        if (name.equals(OPAQUE)) {
            OverlayMarks.setOpaque(at, ".");
        } else if (name.startsWith(WHITEOUT)) {
            whiteOut(at, name.substring(WHITEOUT.length()), entry);
        } else {
            if (entry.size() > limits.maxBytes() - bytes) {
                throw new ArchiveFormatException("contents of more than " + limits.maxBytes() + " bytes");
            }
            bytes += entry.size();
            tree.write(at, name, path, entry, content);
        }
    }

    /** AUFS's own records, {@code .wh..wh.plnk} and the like, mean nothing to overlayfs. */
    private static boolean isAufsMetadata(String path) {
        return path.startsWith(METADATA) || path.contains("/" + METADATA);
    }

    private void whiteOut(Directory at, String name, TarEntry entry) throws ArchiveFormatException {
        if (name.isEmpty() || name.equals(".") || name.equals("..")) {
            throw new ArchiveFormatException("invalid whiteout " + FileNameCodec.printable(entry.name()));
        }
        FileStat existing = at.statIfPresent(name);
        if (existing == null) {
            at.mknod(name, FileType.CHARACTER_DEVICE, 0, 0, 0);
            at.chown(name, entry.uid(), entry.gid());
        } else if (existing.isDirectory()) {
            // A whiteout hides what lower layers have; what this layer itself has stays.
            OverlayMarks.setOpaque(at, name);
        }
    }
}
