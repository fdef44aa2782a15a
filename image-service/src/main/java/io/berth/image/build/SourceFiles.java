package io.berth.image.build;

import io.berth.dockerfile.GlobPattern;
import io.berth.dockerfile.IgnorePatterns;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.DirectoryEntry;
import io.berth.linux.fd.FileStat;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds what COPY and ADD name in a tree, and walks through it in the order of names.
 *
 * <p>A source that is a link itself is followed, inside the tree; links below a source are files like others. The tree is
 * somebody else's work and does not change meanwhile.
 *
 * @param root of the tree; paths below it resolve inside of it
 * @param excludes what is left out, relative to each source
 */
record SourceFiles(Directory root, IgnorePatterns excludes) {
    private static final int MAX_DEPTH = 2048;

    /**
     * One source.
     *
     * @param path clean, below the root; empty for the root
     * @param parents what of its path is made again below the destination; empty or without a slash at either end
     */
    record Source(String path, FileStat stat, String parents) {
        String name() {
            return path.substring(path.lastIndexOf('/') + 1);
        }
    }

    /** Is led through a source. Paths are relative to it; its own is empty. */
    interface Visitor {
        void enter(Directory directory, String path, FileStat stat);

        void leave(Directory directory, String path, FileStat stat);

        /** Something that is no directory. */
        void file(Directory at, String name, String path, FileStat stat);
    }

    /**
     * What a path or pattern names; nothing may fit a pattern.
     *
     * @param parents whether the directories above a source are to be kept, from {@code /./} on where that is in the path
     * @throws BuildFailure when there is no file of this path
     */
    List<Source> find(String text, boolean parents) {
        int pivot = parents ? text.indexOf("/./") : -1;
        int kept = pivot < 0 ? 0 : clean(text.substring(0, pivot)).length();
        String path = clean(text);
        List<Source> found = new ArrayList<>();
        if (GlobPattern.hasWildcard(text)) {
            match(root, "", GlobPattern.of(path), found);
        } else {
            found.add(new Source(path, stat(path, text), ""));
        }
        if (!parents) {
            return found;
        }
        return found.stream()
                .map(source -> new Source(source.path(), source.stat(), kept(source, kept)))
                .toList();
    }

    /** A directory's own name is kept too: what is copied is what is in it. */
    private static String kept(Source source, int from) {
        String rest = source.path().substring(Math.min(from, source.path().length()));
        String relative = rest.startsWith("/") ? rest.substring(1) : rest;
        if (source.stat().isDirectory()) {
            return relative;
        }
        int slash = relative.lastIndexOf('/');
        return slash < 0 ? "" : relative.substring(0, slash);
    }

    private FileStat stat(String path, String shown) {
        try {
            return root.statFollowing(path.isEmpty() ? "." : path);
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP) {
                String rooted = shown.startsWith("/") ? shown : "/" + shown;
                throw new BuildFailure("failed to calculate checksum of ref: \"" + rooted + "\": not found", e);
            }
            throw e;
        }
    }

    private void match(Directory directory, String at, GlobPattern pattern, List<Source> found) {
        List<DirectoryEntry> entries = directory.list();
        entries.sort(Comparator.comparing(DirectoryEntry::name));
        for (DirectoryEntry entry : entries) {
            String path = at.isEmpty() ? entry.name() : at + "/" + entry.name();
            if (pattern.matches(path)) {
                // A link that leads nowhere is copied as it is.
                FileStat stat = followed(path);
                found.add(new Source(path, stat == null ? directory.stat(entry.name()) : stat, ""));
            } else if (pattern.mayMatchBelow(path)
                    && directory.stat(entry.name()).isDirectory()) {
                try (Directory below = directory.openDirectory(entry.name())) {
                    match(below, path, pattern, found);
                }
            }
        }
    }

    private @Nullable FileStat followed(String path) {
        try {
            return root.statFollowing(path);
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP) {
                return null;
            }
            throw e;
        }
    }

    /** Goes through a source. */
    void walk(Source source, Visitor visitor) {
        if (source.stat().isDirectory()) {
            try (Directory directory = root.openDirectory(source.path().isEmpty() ? "." : source.path())) {
                directory(directory, "", source.stat(), visitor, 0);
            }
            return;
        }
        if (excludes.excludes(source.name())) {
            return;
        }
        String parent = source.path().contains("/")
                ? source.path().substring(0, source.path().lastIndexOf('/'))
                : ".";
        try (Directory directory = root.openDirectory(parent)) {
            FileStat own = directory.stat(source.name());
            if (own.isSymbolicLink() && !source.stat().isSymbolicLink()) {
                followed(directory, source, visitor);
            } else {
                visitor.file(directory, source.name(), "", own);
            }
        }
    }

    /** A link to a file: what it leads to, by the link's own name. */
    private void followed(Directory directory, Source source, Visitor visitor) {
        String target = directory.readLink(source.name());
        String base = source.path().contains("/")
                ? source.path().substring(0, source.path().lastIndexOf('/')) + "/"
                : "";
        String path = target.startsWith("/") ? clean(target) : clean(base + target);
        Source next = new Source(path, source.stat(), source.parents());
        if (path.equals(source.path())) {
            throw new BuildFailure("too many links in " + source.path());
        }
        walk(next, visitor);
    }

    private void directory(Directory directory, String path, FileStat stat, Visitor visitor, int depth) {
        if (depth > MAX_DEPTH) {
            throw new BuildFailure("more than " + MAX_DEPTH + " directories below each other");
        }
        visitor.enter(directory, path, stat);
        List<DirectoryEntry> entries = directory.list();
        entries.sort(Comparator.comparing(DirectoryEntry::name));
        for (DirectoryEntry entry : entries) {
            String entryPath = path.isEmpty() ? entry.name() : path + "/" + entry.name();
            boolean excluded = !excludes.isEmpty() && excludes.excludes(entryPath);
            FileStat entryStat = directory.stat(entry.name());
            if (entryStat.isDirectory()) {
                if (!excluded || excludes.mayHoldIncluded(entryPath)) {
                    try (Directory below = directory.openDirectory(entry.name())) {
                        directory(below, entryPath, entryStat, visitor, depth + 1);
                    }
                }
            } else if (!excluded) {
                visitor.file(directory, entry.name(), entryPath, entryStat);
            }
        }
        visitor.leave(directory, path, stat);
    }

    /** A path below a root, as Go's filepath.Clean makes it of a rooted one: it never climbs above. */
    static String clean(String path) {
        ArrayDeque<String> parts = new ArrayDeque<>();
        for (String part : path.split("/")) {
            switch (part) {
                case "", "." -> {}
                case ".." -> {
                    String _ = parts.pollLast();
                }
                default -> parts.addLast(part);
            }
        }
        return String.join("/", parts);
    }
}
