package io.berth.archive;

import io.berth.linux.Errno;
import io.berth.linux.FileNameCodec;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import org.jspecify.annotations.Nullable;

/**
 * The directory that the current entry goes into. Archives list files directory by directory, so the last one is kept
 * open: most entries then need no path resolution at all.
 */
final class ParentDirectory implements AutoCloseable {
    private final Directory root;
    private final boolean layer;
    private String path = "";
    private @Nullable Directory open;
    private long made;

    /**
     * @param layer whether whiteouts may be in the way that the archive itself has made
     */
    ParentDirectory(Directory root, boolean layer) {
        this.root = root;
        this.layer = layer;
    }

    /**
     * The directory at a clean path below the root, made where it is missing. It resolves inside the root.
     *
     * @throws ArchiveFormatException when something that is not a directory is in the way
     */
    Directory of(String wanted, int modeOfMissing) throws ArchiveFormatException {
        if (wanted.isEmpty()) {
            return select("", null);
        }
        if (open != null && wanted.equals(path)) {
            return open;
        }
        try {
            try {
                return select(wanted, root.openDirectory(wanted));
            } catch (SyscallException e) {
                if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR) {
                    throw e;
                }
                makeMissing(wanted, modeOfMissing);
                return select(wanted, root.openDirectory(wanted));
            }
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP || e.errno() == Errno.ENOENT) {
                throw new ArchiveFormatException("not a directory: " + FileNameCodec.printable(wanted), e);
            }
            throw e;
        }
    }

    private void makeMissing(String wanted, int mode) {
        for (int slash = wanted.indexOf('/'); ; slash = wanted.indexOf('/', slash + 1)) {
            String prefix = slash < 0 ? wanted : wanted.substring(0, slash);
            try {
                root.mkdir(prefix, mode);
                root.chmod(prefix, mode); // whatever the umask is
                made++;
            } catch (SyscallException e) {
                if (e.errno() != Errno.EEXIST) {
                    throw e;
                }
                replaceWhiteout(prefix, mode);
            }
            if (slash < 0) {
                return;
            }
        }
    }

    /** A whiteout of this layer, and then a directory of that name: it hides what is below and has contents of its own. */
    private void replaceWhiteout(String name, int mode) {
        if (layer && OverlayMarks.isWhiteout(root.stat(name))) {
            root.unlink(name);
            root.mkdir(name, mode);
            root.chmod(name, mode);
            OverlayMarks.setOpaque(root, name);
        }
    }

    /** How many directories were made that no entry stands for. */
    long made() {
        return made;
    }

    private Directory select(String newPath, @Nullable Directory directory) {
        if (open != null) {
            open.close();
        }
        open = directory;
        path = newPath;
        return directory == null ? root : directory;
    }

    @Override
    public void close() {
        if (open != null) {
            open.close();
            open = null;
        }
    }
}
