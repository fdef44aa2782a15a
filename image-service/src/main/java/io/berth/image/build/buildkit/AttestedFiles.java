package io.berth.image.build.buildkit;

import io.berth.buildkit.Tree;
import io.berth.buildkit.TreeEntry;
import io.berth.image.build.BuildFailure;
import io.berth.image.build.attest.Statement.Subject;
import io.berth.linux.FileNameCodec;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.DirectoryEntry;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.FileType;
import io.berth.linux.fd.Resolution;
import io.berth.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A tree that is exported with statements about it: files in its root, each in place of whatever had its name.
 *
 * @param added by name; names are ASCII, without directories
 */
record AttestedFiles(Tree tree, Map<String, byte[]> added, Instant modified) implements Tree {
    private static final int MAX_SUBJECTS = 100_000;
    private static final int BUFFER = 256 * 1024;

    AttestedFiles {
        added = new TreeMap<>(added);
    }

    @Override
    public void walk(Visitor visitor) throws IOException, InterruptedException {
        Iterator<String> names = added.keySet().iterator();
        @Nullable String[] next = {names.hasNext() ? names.next() : null};
        tree.walk(entry -> {
            String path = entry.path();
            String top = path.contains("/") ? path.substring(0, path.indexOf('/')) : path;
            while (next[0] != null && compare(next[0], top) <= 0) {
                visitor.entry(entry(next[0]));
                next[0] = names.hasNext() ? names.next() : null;
            }
            if (!added.containsKey(top)) {
                visitor.entry(entry);
            }
        });
        for (@Nullable String name = next[0]; name != null; name = names.hasNext() ? names.next() : null) {
            visitor.entry(entry(name));
        }
    }

    private static int compare(String a, String b) {
        return Arrays.compareUnsigned(FileNameCodec.encode(a), FileNameCodec.encode(b));
    }

    private TreeEntry entry(String name) {
        int size = added.getOrDefault(name, new byte[0]).length;
        return new TreeEntry(name, FileType.REGULAR, 0644, 0, 0, size, modified, null, 0, 0, Map.of());
    }

    @Override
    public InputStream open(String path) throws IOException {
        byte[] own = added.get(path);
        return own == null ? tree.open(path) : new ByteArrayInputStream(own);
    }

    /** All regular files below a directory, for statements about them. Follows no links. */
    static List<Subject> subjects(Directory root) {
        List<Subject> subjects = new ArrayList<>();
        try (Directory top = Directory.own(root.fd().duplicate(), Resolution.BENEATH_NO_SYMLINKS)) {
            add(top, "", subjects);
        }
        return subjects.isEmpty() ? List.of(new Subject("_", Digest.sha256(new byte[0]))) : subjects;
    }

    private static void add(Directory directory, String path, List<Subject> subjects) {
        List<DirectoryEntry> entries = new ArrayList<>(directory.list());
        entries.sort(Comparator.comparing(DirectoryEntry::name));
        for (DirectoryEntry entry : entries) {
            String below = path.isEmpty() ? entry.name() : path + "/" + entry.name();
            if (entry.type() == FileType.DIRECTORY) {
                try (Directory next = directory.openDirectory(entry.name())) {
                    add(next, below, subjects);
                }
            } else if (entry.type() == FileType.REGULAR) {
                if (subjects.size() >= MAX_SUBJECTS) {
                    throw new BuildFailure("more than " + MAX_SUBJECTS + " files cannot be attested one by one");
                }
                try (FileHandle file = directory.openRegular(entry.name())) {
                    subjects.add(new Subject(below, digest(file)));
                }
            }
        }
    }

    private static Digest digest(FileHandle file) {
        MessageDigest digest = Digest.newSha256();
        byte[] buffer = new byte[BUFFER];
        for (int count = file.read(buffer, 0, BUFFER); count > 0; count = file.read(buffer, 0, BUFFER)) {
            digest.update(buffer, 0, count);
        }
        return Digest.of(digest.digest());
    }
}
