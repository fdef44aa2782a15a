package io.berth.buildkit.transfer;

import io.berth.buildkit.ResultFiles;
import io.berth.buildkit.TreeEntry;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.linux.Errno;
import io.berth.linux.FileNameCodec;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.DirectoryEntry;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.FileStat;
import io.berth.linux.fd.FileType;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A result's files in one directory, whose links resolve inside. */
public final class DirectoryFiles implements ResultFiles {
    private final Directory root;

    /** @param root resolves {@link io.berth.linux.fd.Resolution#IN_ROOT}; closed with this */
    public DirectoryFiles(Directory root) {
        this.root = root;
    }

    @Override
    public byte[] read(String path, long offset, int length) throws IOException {
        return told(path, () -> {
            try (FileHandle file = root.openRegular(path)) {
                byte[] content =
                        new byte[(int) Math.min(length, Math.max(0, file.stat().size() - offset))];
                int filled = 0;
                while (filled < content.length) {
                    int count = file.readAt(offset + filled, content, filled, content.length - filled);
                    if (count < 0) {
                        break;
                    }
                    filled += count;
                }
                return Arrays.copyOf(content, filled);
            }
        });
    }

    @Override
    public TreeEntry stat(String path) throws IOException {
        return told(path, () -> {
            String shown = path.substring(path.lastIndexOf('/') + 1);
            return entry(root, path.isEmpty() ? "." : path, shown, root.stat(path.isEmpty() ? "." : path));
        });
    }

    @Override
    public List<TreeEntry> list(String directory) throws IOException {
        return told(directory, () -> {
            try (Directory opened = root.openDirectory(directory.isEmpty() ? "." : directory)) {
                List<TreeEntry> entries = new ArrayList<>();
                for (DirectoryEntry name : opened.list()) {
                    entries.add(entry(opened, name.name(), name.name(), opened.stat(name.name())));
                }
                entries.sort(Comparator.comparing(TreeEntry::path));
                return entries;
            }
        });
    }

    private static <T> T told(String path, Supplier<T> read) throws IOException {
        try {
            return read.get();
        } catch (SyscallException e) {
            String shown = FileNameCodec.printable(path);
            throw switch (e.errno()) {
                case Errno.ENOENT, Errno.ENOTDIR -> new NotFound(shown + ": no such file or directory");
                case Errno.EISDIR, Errno.EINVAL, Errno.ELOOP, Errno.EXDEV ->
                    new InvalidParameter("cannot read " + shown + ": " + e.getMessage());
                default -> e;
            };
        }
    }

    private static TreeEntry entry(Directory directory, String name, String path, FileStat stat) {
        @Nullable String link = stat.isSymbolicLink() ? directory.readLink(name) : null;
        return entry(directory, name, path, stat, link, stat.modified());
    }

    /** What is at a name, as clients are told of it. */
    static TreeEntry entry(
            Directory directory, String name, String path, FileStat stat, @Nullable String link, Instant modified) {
        boolean device = stat.type() == FileType.CHARACTER_DEVICE || stat.type() == FileType.BLOCK_DEVICE;
        return new TreeEntry(
                path,
                stat.type(),
                stat.permissions(),
                stat.uid(),
                stat.gid(),
                stat.isRegular() ? stat.size() : 0,
                modified,
                link,
                device ? stat.rdevMajor() : 0,
                device ? stat.rdevMinor() : 0,
                stat.isRegular() ? xattrs(directory, name) : Map.of());
    }

    private static Map<String, byte[]> xattrs(Directory directory, String name) {
        Map<String, byte[]> kept = new HashMap<>();
        for (String attribute : directory.xattrNames(name)) {
            if (attribute.startsWith("user.") || attribute.equals("security.capability")) {
                byte[] value = directory.xattr(name, attribute);
                if (value != null) {
                    kept.put(attribute, value);
                }
            }
        }
        return kept;
    }

    @Override
    public void close() {
        root.close();
    }
}
