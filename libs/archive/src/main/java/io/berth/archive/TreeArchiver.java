package io.berth.archive;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.DirectoryEntry;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.FileStat;
import io.berth.linux.fd.OpenFlag;
import io.berth.linux.fd.Resolution;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;
import java.util.function.Predicate;

/**
 * Writes files of a tree into an archive, in the order of their names.
 *
 * <p>The tree may change meanwhile, and those who change it may be hostile: directories are walked by descriptors and single
 * names, links are never followed, and only regular files are opened. What vanishes in between is left out; a file that
 * shrinks while it is read is filled up with zeros, as GNU tar does, since its size has been promised. Sockets have no place in
 * an archive. Several names of one file become hard links. Used by one thread.
 */
public final class TreeArchiver {
    /** Longest path below the root, as for system calls: bounds depth and with it open descriptors. */
    private static final int MAX_PATH = 4096;

    private static final Set<String> XATTRS =
            Set.of("security.capability", "system.posix_acl_access", "system.posix_acl_default");

    private final TarWriter out;
    private final boolean layer;
    private final Predicate<Directory> isHidden;
    private final LongUnaryOperator ids;
    private final Map<Inode, String> firstNames = new HashMap<>();
    private long contentBytes;

    private TreeArchiver(TarWriter out, boolean layer, Predicate<Directory> isHidden, LongUnaryOperator ids) {
        this.out = out;
        this.layer = layer;
        this.isHidden = isHidden;
        this.ids = ids;
    }

    /**
     * Of files as they are.
     *
     * @param isHidden tells directories whose contents are left out
     */
    public static TreeArchiver of(TarWriter out, Predicate<Directory> isHidden) {
        return of(out, isHidden, LongUnaryOperator.identity());
    }

    /**
     * Of files as they are, but for their owners.
     *
     * @param isHidden tells directories whose contents are left out
     * @param ids from a file's user or group to what the archive says
     */
    public static TreeArchiver of(TarWriter out, Predicate<Directory> isHidden, LongUnaryOperator ids) {
        return new TreeArchiver(out, false, isHidden, ids);
    }

    /**
     * Of the upper directory of an overlay, as an image layer: what it hides becomes {@code .wh.} files (OCI image spec,
     * layer.md).
     */
    public static TreeArchiver ofLayer(TarWriter out) {
        return new TreeArchiver(out, true, directory -> false, LongUnaryOperator.identity());
    }

    /**
     * Writes one file, and when it is a directory all that is below.
     *
     * @param at the directory that has it
     * @param name a single name, or {@code .}
     * @param as its name in the archive; empty for the root
     * @throws SyscallException when it cannot be read
     */
    public void add(Directory at, String name, String as) throws IOException {
        FileStat stat = at.stat(name);
        if (stat.isDirectory()) {
            try (Directory directory = open(at, name)) {
                addDirectory(directory, stat, as);
            }
        } else {
            addFile(at, name, stat, as);
        }
    }

    /**
     * Writes all that is in a directory, without the directory itself.
     *
     * @param as what goes before the names in the archive: empty, or ends with a slash
     */
    public void addContents(Directory directory, String as) throws IOException {
        if (as.length() > MAX_PATH) {
            throw new IOException("path is too long: " + as.substring(0, 64) + "…");
        }
        List<DirectoryEntry> entries = directory.list();
        entries.sort(Comparator.comparing(DirectoryEntry::name));
        for (DirectoryEntry entry : entries) {
            try {
                add(directory, entry.name(), as + entry.name());
            } catch (SyscallException e) {
                if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR && e.errno() != Errno.ELOOP) {
                    throw new IOException(e.getMessage(), e);
                }
                // It was removed or replaced since it was listed.
            }
        }
    }

    /** The sum of the sizes of the regular files written so far. */
    public long contentBytes() {
        return contentBytes;
    }

    private void addDirectory(Directory directory, FileStat stat, String as) throws IOException {
        String slashed = as.endsWith("/") ? as : as + "/";
        out.write(entry(slashed, "", TarType.DIRECTORY, stat, xattrs(directory.xattrNames("."), directory, ".")));
        if (layer && OverlayMarks.isOpaque(directory, ".")) {
            out.write(marker(slashed + ".wh..wh..opq", stat));
        }
        if (!isHidden.test(directory)) {
            addContents(directory, as.isEmpty() ? "" : slashed);
        }
    }

    private static Directory open(Directory at, String name) {
        FileHandle opened =
                at.open(name, Set.of(OpenFlag.DIRECTORY, OpenFlag.NO_FOLLOW), 0, Resolution.BENEATH_NO_SYMLINKS);
        return Directory.own(opened.fd(), Resolution.BENEATH_NO_SYMLINKS);
    }

    private void addFile(Directory at, String name, FileStat stat, String as) throws IOException {
        switch (stat.type()) {
            case REGULAR -> addRegular(at, name, stat, as);
            case SYMBOLIC_LINK -> out.write(entry(as, at.readLink(name), TarType.SYMBOLIC_LINK, stat, Map.of()));
            case CHARACTER_DEVICE -> {
                if (layer && OverlayMarks.isWhiteout(stat)) {
                    int slash = as.lastIndexOf('/') + 1;
                    out.write(marker(as.substring(0, slash) + ".wh." + as.substring(slash), stat));
                } else {
                    out.write(entry(as, "", TarType.CHARACTER_DEVICE, stat, Map.of()));
                }
            }
            case BLOCK_DEVICE -> out.write(entry(as, "", TarType.BLOCK_DEVICE, stat, Map.of()));
            case FIFO -> out.write(entry(as, "", TarType.FIFO, stat, Map.of()));
            case SOCKET, UNKNOWN, DIRECTORY -> {
                // nothing that an archive could hold
            }
        }
    }

    private void addRegular(Directory at, String name, FileStat listed, String as) throws IOException {
        if (listed.links() > 1) {
            String first = firstNames.putIfAbsent(Inode.of(listed), as);
            if (first != null) {
                out.write(entry(as, first, TarType.HARD_LINK, listed, Map.of()));
                return;
            }
        }
        try (FileHandle file = at.openRegular(name)) {
            FileStat stat = file.stat();
            TarEntry entry = entry(as, "", TarType.FILE, stat, xattrs(file.xattrNames(), file::xattr));
            contentBytes += stat.size();
            out.write(entry, new FilledUp(file.inputStream()));
        }
    }

    private TarEntry entry(String name, String link, TarType type, FileStat stat, Map<String, ByteBuffer> xattrs) {
        return new TarEntry(
                name,
                link,
                type,
                stat.permissions(),
                ids.applyAsLong(stat.uid()),
                ids.applyAsLong(stat.gid()),
                type == TarType.FILE ? stat.size() : 0,
                stat.modified(),
                stat.rdevMajor(),
                stat.rdevMinor(),
                xattrs);
    }

    private TarEntry marker(String name, FileStat stat) {
        return new TarEntry(
                name,
                "",
                TarType.FILE,
                0_600,
                ids.applyAsLong(stat.uid()),
                ids.applyAsLong(stat.gid()),
                0,
                stat.modified(),
                0,
                0,
                Map.of());
    }

    private static Map<String, ByteBuffer> xattrs(List<String> names, Directory at, String name) {
        return xattrs(names, attribute -> at.xattr(name, attribute));
    }

    /** Those that belong to the file rather than to the host: capabilities, ACLs, users' own. */
    private static Map<String, ByteBuffer> xattrs(List<String> names, XattrReader reader) {
        Map<String, ByteBuffer> values = new TreeMap<>();
        for (String name : names) {
            boolean kept = XATTRS.contains(name) || (name.startsWith("user.") && !OverlayMarks.isOverlayXattr(name));
            byte[] value = kept ? reader.read(name) : null;
            if (value != null) {
                values.put(name, ByteBuffer.wrap(value));
            }
        }
        return values;
    }

    @FunctionalInterface
    private interface XattrReader {
        byte @org.jspecify.annotations.Nullable [] read(String name);
    }

    private record Inode(int major, int minor, long number) {
        static Inode of(FileStat stat) {
            return new Inode(stat.deviceMajor(), stat.deviceMinor(), stat.inode());
        }
    }

    /** Goes on with zeros after its end; the writer takes no more than the entry's size. */
    private static final class FilledUp extends InputStream {
        private final InputStream file;
        private boolean ended;

        FilledUp(InputStream file) {
            this.file = file;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int count = ended ? -1 : file.read(target, offset, length);
            if (count >= 0) {
                return count;
            }
            ended = true;
            java.util.Arrays.fill(target, offset, offset + length, (byte) 0);
            return length;
        }
    }
}
