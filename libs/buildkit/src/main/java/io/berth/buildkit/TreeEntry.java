package io.berth.buildkit;

import io.berth.json.Frozen;
import io.berth.linux.fd.FileType;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file, directory or link of a tree, as BuildKit's clients are told of it (tonistiigi/fsutil: types/stat.proto).
 *
 * @param path relative to the tree, without {@code ./} and without a slash at either end; decoded as
 *     {@link io.berth.linux.FileNameCodec} does
 * @param type kind of file
 * @param permissions the lower twelve bits of the mode
 * @param size in bytes, of a regular file, else 0
 * @param modified to the nanosecond
 * @param link the target of a symbolic link; for a regular file the path of an earlier entry that is the same file; else null
 * @param major of a device, else 0
 * @param minor of a device, else 0
 * @param xattrs extended attributes by name
 */
public record TreeEntry(
        String path,
        FileType type,
        int permissions,
        long uid,
        long gid,
        long size,
        Instant modified,
        @Nullable String link,
        int major,
        int minor,
        Map<String, byte[]> xattrs) {
    public TreeEntry {
        Objects.requireNonNull(path);
        xattrs = Frozen.map(xattrs);
    }
}
