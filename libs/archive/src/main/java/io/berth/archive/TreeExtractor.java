package io.berth.archive;

import io.berth.linux.FileNameCodec;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileStat;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Writes an archive into a directory of a tree that somebody may be changing, as moby's pkg/archive Untar does for
 * {@code docker cp}. See {@link TreeWriter} for why nothing outside of the tree is reached. Used once, by one thread.
 *
 * @param root of the tree: absolute links in it start here
 * @param target clean path below the root, without links, of the directory that the archive goes into
 * @param keepKinds refuse to put a directory in the place of something else, or the other way round
 * @param owner of all files instead of what the archive says, or null
 * @param ids from a user or group of those to what the file gets
 */
public record TreeExtractor(
        Directory root,
        String target,
        boolean keepKinds,
        @Nullable Owner owner,
        LongUnaryOperator ids) {
    private static final int IMPLIED_DIRECTORY_MODE = 0_755;

    /** With ids as they are. */
    public TreeExtractor(Directory root, String target, boolean keepKinds, @Nullable Owner owner) {
        this(root, target, keepKinds, owner, LongUnaryOperator.identity());
    }

    /** A user and a group. */
    public record Owner(long uid, long gid) {}

    /** A directory was to take the place of something else, or the other way round. */
    public static final class KindDiffers extends IOException {
        private static final long serialVersionUID = 1L;

        KindDiffers(String message) {
            super(message);
        }
    }

    /**
     * Extracts everything.
     *
     * @param archive uncompressed
     * @throws ArchiveFormatException when it is malformed or tries to leave the target
     * @throws KindDiffers see {@link #keepKinds}
     * @throws SyscallException when the file system refuses
     */
    public void extract(InputStream archive) throws IOException {
        TarReader reader = new TarReader(archive);
        try (TreeWriter tree = TreeWriter.of(root)) {
            Optional<TarEntry> entry = reader.next();
            while (entry.isPresent()) {
                extract(tree, entry.get(), reader.content());
                entry = reader.next();
            }
            tree.setDirectoryTimes();
        }
    }

    private void extract(TreeWriter tree, TarEntry entry, InputStream content) throws IOException {
        String relative = TreeWriter.clean(entry.name());
        if (relative.isEmpty()) {
            if (entry.type() != TarType.DIRECTORY) {
                throw new ArchiveFormatException("the target is a directory, not what the archive has for it");
            }
            return; // the target exists and stays as it is
        }
        String path = below(relative);
        int slash = path.lastIndexOf('/');
        Directory at = tree.directory(slash < 0 ? "" : path.substring(0, slash), IMPLIED_DIRECTORY_MODE);
        String name = path.substring(slash + 1);
        if (keepKinds) {
            checkKind(at, name, entry, relative);
        }
        TarEntry owned = entry.withOwner(
                ids.applyAsLong(owner == null ? entry.uid() : owner.uid()),
                ids.applyAsLong(owner == null ? entry.gid() : owner.gid()));
        TarEntry placed = entry.type() == TarType.HARD_LINK
                ? owned.withLinkName(below(TreeWriter.clean(entry.linkName())))
                : owned;
        tree.write(at, name, path, placed, content);
    }

    private String below(String relative) {
        return target.isEmpty() || relative.isEmpty() ? target + relative : target + "/" + relative;
    }

    private void checkKind(Directory at, String name, TarEntry entry, String relative) throws KindDiffers {
        FileStat existing = at.statIfPresent(name);
        boolean directory = entry.type() == TarType.DIRECTORY;
        if (existing == null || existing.isDirectory() == directory) {
            return;
        }
        String path = FileNameCodec.printable("/" + below(relative));
        throw new KindDiffers(
                directory
                        ? "cannot overwrite non-directory \"" + path + "\" with directory \"/" + target + "\""
                        : "cannot overwrite directory \"" + path + "\" with non-directory \"/" + target + "\"");
    }
}
