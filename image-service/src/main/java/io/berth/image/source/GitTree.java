package io.berth.image.source;

import io.berth.docker.error.InvalidParameter;
import io.berth.linux.Errno;
import io.berth.linux.FileNameCodec;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.Resolution;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheBuilder;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectChecker;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.treewalk.TreeWalk;

/**
 * Writes the files of a commit: 0644 or 0755, directories 0755, links as they are, submodules as empty directories.
 *
 * <p>The tree is hostile. Every list of names is checked, every directory and file is made new (which fails on anything that is there, links
 * included, and so never leads through one), and a directory of the repository is looked up among git's trees, where links are files
 * like others.
 */
final class GitTree {
    private static final int PLAIN = 0_644;
    private static final int EXECUTABLE = 0_755;
    private static final int MAX_FILES = 2_000_000;
    private static final int MAX_LINK = 4095;
    private static final int MAX_TREE = 64 << 20; // bytes of one directory's list

    private final SourceLimits limits;
    private final Repository repository;
    private final ObjectChecker checker = new ObjectChecker();
    private int files;
    private long bytes;

    GitTree(SourceLimits limits, Repository repository) {
        this.limits = limits;
        this.repository = repository;
    }

    FetchedTree write(RevCommit commit, String directory, Path into) throws IOException {
        ObjectId root = commit.getTree();
        if (!directory.isEmpty()) {
            try (TreeWalk found = TreeWalk.forPath(repository, directory, root)) {
                if (found == null || found.getFileMode(0) != FileMode.TREE) {
                    throw new InvalidParameter("directory " + directory + " is not in the repository");
                }
                root = found.getObjectId(0);
            }
        }
        try (Directory to = Directory.open(into, Resolution.BENEATH_NO_SYMLINKS);
                TreeWalk walk = new TreeWalk(repository)) {
            check(root, directory);
            walk.addTree(root);
            while (walk.next()) {
                entry(walk, to);
            }
        } catch (SyscallException e) {
            throw e.errno() == Errno.ENOSPC
                    ? e
                    : new InvalidParameter("cannot write a file of the repository: " + e.getMessage(), e);
        }
        return new FetchedTree(commit.name(), files, bytes);
    }

    private void entry(TreeWalk walk, Directory into) throws IOException {
        String path = FileNameCodec.decode(walk.getRawPath());
        if (++files > MAX_FILES) {
            throw new InvalidParameter("repository has more than " + MAX_FILES + " files");
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted");
        }
        switch (walk.getFileMode(0).getBits() & FileMode.TYPE_MASK) {
            case FileMode.TYPE_TREE -> {
                check(walk.getObjectId(0), path);
                directory(into, path);
                walk.enterSubtree();
            }
            case FileMode.TYPE_GITLINK -> directory(into, path);
            case FileMode.TYPE_SYMLINK -> into.symlink(linkTarget(walk, path), path);
            case FileMode.TYPE_FILE ->
                file(walk, into, path, walk.getFileMode(0) == FileMode.EXECUTABLE_FILE ? EXECUTABLE : PLAIN);
            default -> throw new InvalidParameter("unknown kind of file in the repository: " + path);
        }
    }

    /**
     * As git's own checkout wants it: no name twice, none that is empty, has a slash, is made of dots or is taken for {@code .git}
     * by some file system.
     */
    private void check(ObjectId tree, String path) throws IOException {
        try {
            checker.checkTree(tree, repository.open(tree, Constants.OBJ_TREE).getCachedBytes(MAX_TREE));
        } catch (CorruptObjectException e) {
            throw new InvalidParameter(
                    "malformed directory in the repository: " + FileNameCodec.printable(path) + ": " + e.getMessage(),
                    e);
        }
    }

    private static void directory(Directory into, String path) {
        into.mkdir(path, EXECUTABLE);
        into.chmod(path, EXECUTABLE); // whatever the umask is
    }

    private String linkTarget(TreeWalk walk, String path) throws IOException {
        ObjectLoader loader = repository.open(walk.getObjectId(0));
        if (loader.getSize() > MAX_LINK || loader.getSize() == 0) {
            throw new InvalidParameter("target of a link in the repository is too long: " + path);
        }
        String target = FileNameCodec.decode(loader.getBytes(MAX_LINK));
        if (target.indexOf('\0') >= 0) {
            throw new InvalidParameter("target of a link in the repository is no path: " + path);
        }
        return target;
    }

    private void file(TreeWalk walk, Directory into, String path, int mode) throws IOException {
        ObjectLoader loader = repository.open(walk.getObjectId(0));
        bytes += loader.getSize();
        if (bytes > limits.maxBytes()) {
            throw new InvalidParameter("files of the repository are larger than " + limits.maxBytes() + " bytes");
        }
        try (FileHandle file = into.createFile(path, mode);
                OutputStream out = file.outputStream()) {
            loader.copyTo(out);
            file.chmod(mode);
        }
    }

    /** The index of a repository that has the commit checked out. */
    static void writeIndex(Repository repository, RevCommit commit, Path file) throws IOException {
        DirCache index = DirCache.lock(file.toFile(), repository.getFS());
        try (TreeWalk walk = new TreeWalk(repository)) {
            DirCacheBuilder builder = index.builder();
            walk.addTree(commit.getTree());
            walk.setRecursive(true);
            while (walk.next()) {
                DirCacheEntry entry = new DirCacheEntry(walk.getRawPath());
                entry.setFileMode(walk.getFileMode(0));
                entry.setObjectId(walk.getObjectId(0));
                builder.add(entry);
            }
            builder.finish();
            index.write();
            if (!index.commit()) {
                throw new IOException("cannot write the index");
            }
        } finally {
            index.unlock();
        }
    }
}
