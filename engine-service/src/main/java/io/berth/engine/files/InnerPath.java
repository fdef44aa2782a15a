package io.berth.engine.files;

import io.berth.docker.container.PathStat;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileStat;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * A path inside a container as a user wrote it, understood as moby does: relative ones start at the root, {@code ..} stops
 * there, and a trailing slash or {@code /.} asks for the directory that a link leads to.
 *
 * @param absolute clean, starts with a slash
 * @param suffix {@code ""}, {@code "/"} or {@code "/."}, as it was written
 */
record InnerPath(String absolute, String suffix) {
    private static final int MAX_LINKS = 40;

    static InnerPath parse(String text) {
        Deque<String> parts = new ArrayDeque<>();
        for (String part : text.split("/")) {
            switch (part) {
                case "", "." -> {}
                case ".." -> parts.pollLast();
                default -> parts.addLast(part);
            }
        }
        String clean = "/" + String.join("/", parts);
        String last = text.substring(text.lastIndexOf('/') + 1);
        if (clean.equals("/")) {
            return new InnerPath(clean, last.equals(".") ? "." : "");
        }
        return new InnerPath(clean, last.equals(".") ? "/." : last.isEmpty() ? "/" : "");
    }

    /** The path in moby's spelling, with what was at its end. */
    String text() {
        return absolute + suffix;
    }

    /** What Go's filepath.Base says of it. */
    String name() {
        if (suffix.endsWith(".")) {
            return ".";
        }
        return absolute.equals("/") ? "/" : absolute.substring(absolute.lastIndexOf('/') + 1);
    }

    /**
     * What is there; a link is followed only where a directory is asked for.
     *
     * @throws SyscallException ENOENT, ENOTDIR
     */
    FileStat stat(Directory root) {
        if (suffix.isEmpty()) {
            return root.stat(absolute);
        }
        FileStat stat = root.statFollowing(absolute);
        if (!stat.isDirectory()) {
            throw new SyscallException("lstat", text(), Errno.ENOTDIR);
        }
        return stat;
    }

    /** The same as the API tells it. */
    PathStat describe(Directory root, FileStat stat) {
        return new PathStat(
                name(),
                stat.size(),
                goMode(stat),
                rfc3339(stat.modified()),
                stat.isSymbolicLink() ? resolve(root, absolute) : "");
    }

    private static String rfc3339(Instant time) {
        return time.toString();
    }

    /** Go's os.FileMode (io/fs: ModeDir and its neighbours). */
    static long goMode(FileStat stat) {
        long mode = stat.permissions() & 0_777;
        mode |= (stat.permissions() & 0_4000) != 0 ? 1L << 23 : 0;
        mode |= (stat.permissions() & 0_2000) != 0 ? 1L << 22 : 0;
        mode |= (stat.permissions() & 0_1000) != 0 ? 1L << 20 : 0;
        return mode
                | switch (stat.type()) {
                    case DIRECTORY -> 1L << 31;
                    case SYMBOLIC_LINK -> 1L << 27;
                    case BLOCK_DEVICE -> 1L << 26;
                    case CHARACTER_DEVICE -> 1L << 26 | 1L << 21;
                    case FIFO -> 1L << 25;
                    case SOCKET -> 1L << 24;
                    case REGULAR, UNKNOWN -> 0;
                };
    }

    /**
     * Where a path leads when all its links are followed inside the root; what does not exist stays as it is written. The
     * answer is for people and for comparing with mount targets: what is done to files resolves again, in the kernel.
     *
     * @throws SyscallException ELOOP
     */
    static String resolve(Directory root, String path) {
        Deque<String> rest = new ArrayDeque<>(Arrays.asList(path.split("/")));
        List<String> done = new ArrayList<>();
        int links = 0;
        while (!rest.isEmpty()) {
            String part = rest.pollFirst();
            if (part.isEmpty() || part.equals(".")) {
                continue;
            }
            if (part.equals("..")) {
                if (!done.isEmpty()) {
                    done.removeLast();
                }
                continue;
            }
            String here = String.join("/", done) + (done.isEmpty() ? "" : "/") + part;
            FileStat stat = root.statIfPresent(here);
            if (stat == null || !stat.isSymbolicLink()) {
                done.add(part);
                continue;
            }
            if (++links > MAX_LINKS) {
                throw new SyscallException("readlink", path, Errno.ELOOP);
            }
            String target = root.readLink(here);
            if (target.startsWith("/")) {
                done.clear();
            }
            List<String> parts = Arrays.asList(target.split("/"));
            parts.reversed().forEach(rest::addFirst);
        }
        return "/" + String.join("/", done);
    }
}
