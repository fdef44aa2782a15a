package io.berth.image.layer;

import io.berth.image.archive.ArchiveFormatException;
import io.berth.image.archive.TarEntry;
import io.berth.image.archive.TarReader;
import io.berth.image.archive.TarType;
import io.berth.linux.Errno;
import io.berth.linux.FileNameCodec;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.FileStat;
import io.berth.linux.fd.FileType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
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
    static final String OPAQUE_XATTR = "trusted.overlay.opaque";
    static final String OPAQUE_VALUE = "y";

    private static final byte[] YES = OPAQUE_VALUE.getBytes(StandardCharsets.US_ASCII);

    private static final int IMPLIED_DIRECTORY_MODE = 0_755;
    private static final int BUFFER = 64 * 1024;
    /** Bounds the memory that remembered directory names may take. */
    private static final long MAX_DIRECTORY_NAME_CHARS = 64L * 1024 * 1024;

    private final Directory root;
    private final UnpackLimits limits;
    /** Times of directories, set last since every entry made inside changes them. */
    private final Map<String, Instant> directoryTimes = new LinkedHashMap<>();

    private final byte[] buffer = new byte[BUFFER];
    private final byte[] zeros = new byte[BUFFER];
    private final ParentDirectory parent;
    private long directoryNameChars;
    private long entries;
    private long bytes;

    LayerExtractor(Directory root, UnpackLimits limits) {
        this.root = root;
        this.limits = limits;
        this.parent = new ParentDirectory(root);
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
        try (parent) {
            Optional<TarEntry> entry = reader.next();
            while (entry.isPresent()) {
                if (++entries > limits.maxEntries()) {
                    throw new ArchiveFormatException("more than " + limits.maxEntries() + " entries");
                }
                extract(entry.get(), reader.content());
                entry = reader.next();
            }
        }
        setDirectoryTimes();
        return bytes;
    }

    private void extract(TarEntry entry, InputStream content) throws IOException {
        String path = clean(entry.name());
        if (path.isEmpty()) {
            extractRoot(entry);
            return;
        }
        int slash = path.lastIndexOf('/');
        String directory = slash < 0 ? "" : path.substring(0, slash);
        String name = path.substring(slash + 1);
        if (isAufsMetadata(path) && !name.equals(OPAQUE)) {
            return;
        }
        Directory at = parent.of(directory, IMPLIED_DIRECTORY_MODE);
        if (name.equals(OPAQUE)) {
            at.setXattr(".", OPAQUE_XATTR, YES);
        } else if (name.startsWith(WHITEOUT)) {
            whiteOut(at, name.substring(WHITEOUT.length()), entry);
        } else {
            make(at, name, path, entry, content);
        }
    }

    private void extractRoot(TarEntry entry) throws ArchiveFormatException {
        if (entry.type() != TarType.DIRECTORY) {
            throw new ArchiveFormatException("the root is not a directory");
        }
        EntryMetadata.apply(root, ".", entry);
        remember(".", entry.modified());
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
            at.setXattr(name, OPAQUE_XATTR, YES);
        }
    }

    private void make(Directory at, String name, String path, TarEntry entry, InputStream content) throws IOException {
        if (entry.type() == TarType.HARD_LINK) {
            hardLink(at, name, path, entry);
            return;
        }
        try {
            makeNew(at, name, entry, content);
        } catch (SyscallException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
            replace(at, name, entry, content);
        }
        if (entry.type() == TarType.DIRECTORY) {
            remember(path, entry.modified());
        } else {
            at.setTimes(name, null, entry.modified());
        }
    }

    private void replace(Directory at, String name, TarEntry entry, InputStream content) throws IOException {
        FileStat existing = at.stat(name);
        boolean wantsDirectory = entry.type() == TarType.DIRECTORY;
        if (wantsDirectory && existing.isDirectory()) {
            EntryMetadata.apply(at, name, entry);
            return;
        }
        // Only the directory that holds the name is open, so nothing kept open is deleted here.
        at.deleteRecursively(name);
        makeNew(at, name, entry, content);
        if (wantsDirectory && isWhiteout(existing)) {
            at.setXattr(name, OPAQUE_XATTR, YES);
        }
    }

    static boolean isWhiteout(FileStat stat) {
        return stat.type() == FileType.CHARACTER_DEVICE && stat.rdevMajor() == 0 && stat.rdevMinor() == 0;
    }

    private void makeNew(Directory at, String name, TarEntry entry, InputStream content) throws IOException {
        switch (entry.type()) {
            case FILE -> {
                writeFile(at, name, entry, content);
                return;
            }
            case DIRECTORY -> at.mkdir(name, 0_700);
            case SYMBOLIC_LINK -> at.symlink(entry.linkName(), name);
            case CHARACTER_DEVICE ->
                at.mknod(name, FileType.CHARACTER_DEVICE, 0, entry.deviceMajor(), entry.deviceMinor());
            case BLOCK_DEVICE -> at.mknod(name, FileType.BLOCK_DEVICE, 0, entry.deviceMajor(), entry.deviceMinor());
            case FIFO -> at.mknod(name, FileType.FIFO, 0, 0, 0);
            case HARD_LINK -> throw new IllegalStateException("hard links are made elsewhere");
        }
        EntryMetadata.apply(at, name, entry);
    }

    private void hardLink(Directory at, String name, String path, TarEntry entry) throws IOException {
        String target = clean(entry.linkName());
        if (target.equals(path)) {
            return;
        }
        if (target.isEmpty()) {
            throw new ArchiveFormatException("hard link to the root: " + FileNameCodec.printable(entry.name()));
        }
        if (at.statIfPresent(name) != null) {
            at.deleteRecursively(name);
        }
        // Both ends resolve inside the root; a link at the end of the target is linked itself, never followed.
        root.link(target, path);
    }

    private void writeFile(Directory at, String name, TarEntry entry, InputStream content) throws IOException {
        if (entry.size() > limits.maxBytes() - bytes) {
            throw new ArchiveFormatException("contents of more than " + limits.maxBytes() + " bytes");
        }
        try (FileHandle file = at.createFile(name, 0_600)) {
            copy(content, file, entry.size());
            bytes += entry.size();
            EntryMetadata.apply(file, entry);
        }
    }

    /** Whole buffers of zeros become holes: neither a sparse file nor a bomb of zeros takes blocks. */
    private void copy(InputStream content, FileHandle file, long size) throws IOException {
        long position = 0;
        boolean inHole = false;
        while (position < size) {
            int count = content.readNBytes(buffer, 0, (int) Math.min(BUFFER, size - position));
            if (count <= 0) {
                throw new ArchiveFormatException("unexpected end of the archive");
            }
            boolean hole = count == BUFFER && java.util.Arrays.equals(buffer, zeros);
            if (!hole) {
                if (inHole) {
                    file.seek(position);
                }
                file.write(buffer, 0, count);
            }
            inHole = hole;
            position += count;
        }
        if (inHole) {
            file.truncate(size);
        }
    }

    private void remember(String path, Instant time) throws ArchiveFormatException {
        if (directoryTimes.put(path, time) == null) {
            directoryNameChars += path.length();
        }
        if (directoryNameChars > MAX_DIRECTORY_NAME_CHARS) {
            throw new ArchiveFormatException("too many directories");
        }
    }

    private void setDirectoryTimes() {
        directoryTimes.forEach((path, time) -> {
            FileStat stat = root.statIfPresent(path);
            if (stat != null && stat.isDirectory()) { // else it was replaced later in the archive
                root.setTimes(path, null, time);
            }
        });
    }

    /**
     * The path below the root that a name means: as Go's filepath.Clean under the root, except that climbing above the root
     * is refused.
     */
    static String clean(String name) throws ArchiveFormatException {
        java.util.ArrayDeque<String> parts = new java.util.ArrayDeque<>();
        for (String part : name.split("/")) {
            switch (part) {
                case "", "." -> {}
                case ".." -> {
                    if (parts.pollLast() == null) {
                        throw new ArchiveFormatException(
                                "invalid name, outside of the root: " + FileNameCodec.printable(name));
                    }
                }
                default -> parts.addLast(part);
            }
        }
        return String.join("/", parts);
    }
}
