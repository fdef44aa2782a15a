package io.berth.buildkit.transfer;

import io.berth.buildkit.Tree;
import io.berth.buildkit.TreeEntry;
import io.berth.linux.FileNameCodec;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.DirectoryEntry;
import io.berth.linux.fd.FileStat;
import io.berth.linux.fd.FileType;
import io.berth.linux.fd.Resolution;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A directory as a {@link Tree}. Sockets are left out, files with several names below it are told of as hard links, and of
 * extended attributes only capabilities and users' own go along. Follows no links.
 *
 * <p>The directory belongs to the caller and must stay open, and as it is, while the tree is sent.
 */
public final class DirectoryTree implements Tree {
    private final Directory root;
    private final String prefix;
    private final @Nullable Instant latest;
    private final Map<Inode, String> linked = new HashMap<>();

    private record Inode(int major, int minor, long number) {}

    /**
     * @param root what is sent
     * @param prefix a directory to put it into, such as {@code linux_amd64}, which is then told of, too; empty for none
     * @param latest later times are told as this one (SOURCE_DATE_EPOCH); null for times as they are
     */
    public DirectoryTree(Directory root, String prefix, @Nullable Instant latest) {
        this.root = root;
        this.prefix = prefix;
        this.latest = latest;
    }

    @Override
    public void walk(Visitor visitor) throws IOException, InterruptedException {
        linked.clear();
        if (!prefix.isEmpty()) {
            visitor.entry(entry(root, ".", prefix, root.stat(".")));
        }
        try (Directory top = Directory.own(root.fd().duplicate(), Resolution.BENEATH_NO_SYMLINKS)) {
            walk(top, prefix, visitor);
        }
    }

    private void walk(Directory directory, String path, Visitor visitor) throws IOException, InterruptedException {
        List<DirectoryEntry> names = new ArrayList<>(directory.list());
        names.sort((a, b) -> Arrays.compareUnsigned(FileNameCodec.encode(a.name()), FileNameCodec.encode(b.name())));
        for (DirectoryEntry name : names) {
            FileStat stat = directory.stat(name.name());
            if (stat.type() == FileType.SOCKET) {
                continue;
            }
            String below = path.isEmpty() ? name.name() : path + "/" + name.name();
            visitor.entry(entry(directory, name.name(), below, stat));
            if (stat.isDirectory()) {
                try (Directory next = directory.openDirectory(name.name())) {
                    walk(next, below, visitor);
                }
            }
        }
    }

    private TreeEntry entry(Directory directory, String name, String path, FileStat stat) {
        @Nullable String link = null;
        if (stat.isSymbolicLink()) {
            link = directory.readLink(name);
        } else if (stat.isRegular() && stat.links() > 1) {
            link = linked.putIfAbsent(new Inode(stat.deviceMajor(), stat.deviceMinor(), stat.inode()), path);
        }
        Instant modified = latest != null && stat.modified().isAfter(latest) ? latest : stat.modified();
        return DirectoryFiles.entry(directory, name, path, stat, link, modified);
    }

    @Override
    public InputStream open(String path) throws IOException {
        String below = prefix.isEmpty() ? path : path.substring(prefix.length() + 1);
        return root.openRegular(below).inputStream();
    }
}
