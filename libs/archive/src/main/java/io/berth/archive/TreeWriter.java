package io.berth.archive;

import io.berth.linux.Errno;
import io.berth.linux.FileNameCodec;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.FileStat;
import io.berth.linux.fd.FileType;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Makes files of archive entries below a directory.
 *
 * <p>Nothing that an archive says reaches a file outside the directory: everything is done relative to descriptors with
 * the root's own {@link io.berth.linux.fd.Resolution}, so that links in the tree, also ones swapped in meanwhile, resolve
 * inside it. The last component is never followed. What exists is replaced, except that directories are merged, as moby's
 * pkg/archive does. Used by one thread; closing it leaves the root open.
 */
public final class TreeWriter implements AutoCloseable {
    private static final int BUFFER = 64 * 1024;
    /** Bounds the memory that remembered directory names may take. */
    private static final long MAX_DIRECTORY_NAME_CHARS = 128L * 1024 * 1024;
    /** What a remembered directory takes beside its name. */
    private static final int DIRECTORY_OVERHEAD = 128;

    private final Directory root;
    private final boolean layer;
    /** Times of directories, set last since every entry made inside changes them. */
    private final Map<String, Instant> directoryTimes = new LinkedHashMap<>();

    private final byte[] buffer = new byte[BUFFER];
    private final byte[] zeros = new byte[BUFFER];
    private final ParentDirectory parent;
    private long directoryNameChars;

    private TreeWriter(Directory root, boolean layer) {
        this.root = root;
        this.layer = layer;
        this.parent = new ParentDirectory(root, layer);
    }

    /** Of an ordinary tree. */
    public static TreeWriter of(Directory root) {
        return new TreeWriter(root, false);
    }

    /** Of one layer for an overlay, where a directory made in place of a whiteout hides what is below. */
    public static TreeWriter ofLayer(Directory root) {
        return new TreeWriter(root, true);
    }

    /**
     * The directory at a clean path below the root, made where it is missing; valid until the next call.
     *
     * @param modeOfMissing permissions of those that are made
     * @throws ArchiveFormatException when something that is not a directory is in the way
     */
    public Directory directory(String path, int modeOfMissing) throws ArchiveFormatException {
        return parent.of(path, modeOfMissing);
    }

    /** How many directories were made beside those that entries stand for: a name of 4 KiB can have two thousand. */
    public long impliedDirectories() {
        return parent.made();
    }

    /** Gives the root what its own entry says. */
    public void writeRoot(TarEntry entry) throws ArchiveFormatException {
        if (entry.type() != TarType.DIRECTORY) {
            throw new ArchiveFormatException("the root is not a directory");
        }
        EntryMetadata.apply(root, ".", entry);
        remember(".", entry.modified());
    }

    /**
     * Makes what an entry says. What exists at its name is replaced, except that directories are merged.
     *
     * @param at the directory that holds the name, from {@link #directory}
     * @param name a single component
     * @param path the whole clean path, directory and name
     * @throws ArchiveFormatException when the entry is malformed
     * @throws SyscallException when the file system refuses
     */
    public void write(Directory at, String name, String path, TarEntry entry, InputStream content) throws IOException {
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
        if (layer && wantsDirectory && OverlayMarks.isWhiteout(existing)) {
            OverlayMarks.setOpaque(at, name);
        }
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
        try (FileHandle file = at.createFile(name, 0_600)) {
            copy(content, file, entry.size());
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
                throw new ArchiveFormatException("unexpected EOF");
            }
            boolean hole = count == BUFFER && Arrays.equals(buffer, zeros);
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
            directoryNameChars += path.length() + DIRECTORY_OVERHEAD;
        }
        if (directoryNameChars > MAX_DIRECTORY_NAME_CHARS) {
            throw new ArchiveFormatException("too many directories");
        }
    }

    /** Sets the times of all directories that were written. Call it when everything has been made. */
    public void setDirectoryTimes() {
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
    public static String clean(String name) throws ArchiveFormatException {
        ArrayDeque<String> parts = new ArrayDeque<>();
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

    @Override
    public void close() {
        parent.close();
    }
}
