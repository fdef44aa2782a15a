package io.berth.archive;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.DirectoryEntry;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.FileStat;
import io.berth.linux.fd.OpenFlag;
import io.berth.linux.fd.Resolution;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * What a tree takes on disk, as du(1) counts: allocated blocks of every file and directory, the top one included, each file
 * once however many names it has, without what is mounted below.
 */
public final class TreeUsage {
    private static final int BLOCK = 512;

    private final long mountId;
    private final Set<Long> counted = new HashSet<>();
    private long bytes;

    private TreeUsage(long mountId) {
        this.mountId = mountId;
    }

    /** Bytes below and including a directory of the host; a missing one has none, and so has what vanishes meanwhile. */
    public static long of(Path directory) {
        try (Directory top = Directory.open(directory, Resolution.BENEATH_NO_SYMLINKS)) {
            FileStat stat = top.stat(".");
            TreeUsage usage = new TreeUsage(stat.mountId());
            usage.bytes = stat.blocks() * BLOCK;
            usage.visit(top);
            return usage.bytes;
        } catch (SyscallException e) {
            if (isGone(e)) {
                return 0;
            }
            throw e;
        }
    }

    private static boolean isGone(SyscallException e) {
        return e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP;
    }

    private void visit(Directory directory) {
        for (DirectoryEntry entry : directory.list()) {
            try {
                FileStat stat = directory.stat(entry.name());
                if (stat.mountId() != mountId
                        || (!stat.isDirectory() && stat.links() > 1 && !counted.add(stat.inode()))) {
                    continue;
                }
                bytes += stat.blocks() * BLOCK;
                if (stat.isDirectory()) {
                    FileHandle opened = directory.open(
                            entry.name(),
                            Set.of(OpenFlag.DIRECTORY, OpenFlag.NO_FOLLOW),
                            0,
                            Resolution.BENEATH_NO_SYMLINKS);
                    try (Directory below = Directory.own(opened.fd(), Resolution.BENEATH_NO_SYMLINKS)) {
                        visit(below);
                    }
                }
            } catch (SyscallException e) {
                if (!isGone(e)) {
                    throw e;
                }
            }
        }
    }
}
