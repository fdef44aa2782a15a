package io.berth.image.build.buildkit;

import io.berth.buildkit.Tree;
import io.berth.buildkit.TreeEntry;
import io.berth.linux.fd.FileType;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * Trees of several platforms as one, each in a directory of its own.
 *
 * @param trees by the directory's name: ASCII, none the beginning of another's path
 */
record PlatformTrees(Map<String, Tree> trees, Instant modified) implements Tree {
    PlatformTrees {
        trees = new TreeMap<>(trees);
    }

    @Override
    public void walk(Visitor visitor) throws IOException, InterruptedException {
        for (Map.Entry<String, Tree> tree : trees.entrySet()) {
            String name = tree.getKey();
            visitor.entry(new TreeEntry(name, FileType.DIRECTORY, 0755, 0, 0, 0, modified, null, 0, 0, Map.of()));
            tree.getValue().walk(entry -> visitor.entry(below(name, entry)));
        }
    }

    /** A hard link names another entry of the tree, a symbolic one whatever it does. */
    private static TreeEntry below(String name, TreeEntry entry) {
        String link = entry.link();
        return new TreeEntry(
                name + "/" + entry.path(),
                entry.type(),
                entry.permissions(),
                entry.uid(),
                entry.gid(),
                entry.size(),
                entry.modified(),
                link != null && entry.type() == FileType.REGULAR ? name + "/" + link : link,
                entry.major(),
                entry.minor(),
                entry.xattrs());
    }

    @Override
    public InputStream open(String path) throws IOException {
        int slash = path.indexOf('/');
        Tree tree = trees.get(path.substring(0, slash));
        if (tree == null) {
            throw new IOException("no such file: " + path);
        }
        return tree.open(path.substring(slash + 1));
    }
}
