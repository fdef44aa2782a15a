package io.berth.image.build;

import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.FileStat;
import io.berth.oci.Digest;
import java.security.MessageDigest;

/**
 * What of files counts for the cache: names, kinds, modes, owners where they are kept, contents and targets of links; not times.
 * Used by one thread.
 */
final class ContentDigest implements SourceFiles.Visitor {
    private static final int BUFFER = 256 * 1024;

    private final StepKey key = new StepKey("content");
    private final boolean owners;
    private final FileDigests known;
    private final byte[] buffer = new byte[BUFFER];

    /** @param known digests of files that have been read before */
    ContentDigest(boolean owners, FileDigests known) {
        this.owners = owners;
        this.known = known;
    }

    void add(SourceFiles files, SourceFiles.Source source) {
        StepKey _ = key.add(source.name()).add(source.parents());
        files.walk(source, this);
    }

    Digest digest() {
        return key.digest();
    }

    @Override
    public void enter(Directory directory, String path, FileStat stat) {
        describe("directory", path, stat);
    }

    @Override
    public void leave(Directory directory, String path, FileStat stat) {
        // its entries have been told
    }

    @Override
    public void file(Directory at, String name, String path, FileStat stat) {
        describe(stat.type().name(), path, stat);
        switch (stat.type()) {
            case REGULAR -> {
                StepKey _ = key.add(known.of(stat, () -> read(at, name)));
            }
            case SYMBOLIC_LINK -> {
                StepKey _ = key.add(at.readLink(name));
            }
            default -> {
                StepKey _ = key.add(stat.rdevMajor() + ":" + stat.rdevMinor());
            }
        }
    }

    private void describe(String kind, String path, FileStat stat) {
        StepKey _ = key.add(kind).add(path).add(Integer.toOctalString(stat.permissions()));
        if (owners) {
            StepKey _ = key.add(stat.uid() + ":" + stat.gid());
        }
    }

    private String read(Directory at, String name) {
        MessageDigest digest = Digest.newSha256();
        try (FileHandle file = at.openRegular(name)) {
            for (int count = file.read(buffer, 0, BUFFER); count > 0; count = file.read(buffer, 0, BUFFER)) {
                digest.update(buffer, 0, count);
            }
        }
        return Digest.of(digest.digest()).hex();
    }
}
