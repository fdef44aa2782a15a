package io.berth.archive;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * The header of an archive entry, whatever format it was written in. Strings are file names in the sense of {@link
 * io.berth.linux.FileNameCodec}: bytes without loss.
 *
 * @param name as written: may be absolute, have {@code ..}, end with a slash
 * @param linkName target of a link, else empty
 * @param mode the lower twelve bits
 * @param uid 0 to 2^32-2
 * @param gid 0 to 2^32-2
 * @param size of the content as it is read, holes of a sparse file included, in bytes; 0 for all but files
 * @param modified to the nanosecond
 * @param deviceMajor 0 for all but devices
 * @param deviceMinor 0 for all but devices
 * @param xattrs extended attributes by full name ({@code security.capability}); the buffers are read-only
 */
public record TarEntry(
        String name,
        String linkName,
        TarType type,
        int mode,
        long uid,
        long gid,
        long size,
        Instant modified,
        int deviceMajor,
        int deviceMinor,
        Map<String, ByteBuffer> xattrs) {
    /** The largest owner: one more is «leave as it is» in chown(2). */
    public static final long MAX_ID = 0xFFFF_FFFEL;

    public TarEntry {
        // Sorted, so that what is written does not depend on the order of a hash map.
        xattrs = java.util.Collections.unmodifiableMap(new TreeMap<>(xattrs));
    }

    /** A root-owned regular file. */
    public static TarEntry file(String name, int mode, long size, Instant modified) {
        return new TarEntry(name, "", TarType.FILE, mode, 0, 0, size, modified, 0, 0, Map.of());
    }

    /** A root-owned directory. */
    public static TarEntry directory(String name, int mode, Instant modified) {
        return new TarEntry(name, "", TarType.DIRECTORY, mode, 0, 0, 0, modified, 0, 0, Map.of());
    }

    /** A root-owned link. */
    public static TarEntry link(TarType type, String name, String target, Instant modified) {
        return new TarEntry(name, target, type, 0_777, 0, 0, 0, modified, 0, 0, Map.of());
    }

    /** This with another name. */
    public TarEntry withName(String other) {
        return new TarEntry(other, linkName, type, mode, uid, gid, size, modified, deviceMajor, deviceMinor, xattrs);
    }

    /** This as a link to something else. */
    public TarEntry withLinkName(String other) {
        return new TarEntry(name, other, type, mode, uid, gid, size, modified, deviceMajor, deviceMinor, xattrs);
    }

    /** This owned by somebody else. */
    public TarEntry withOwner(long otherUid, long otherGid) {
        return new TarEntry(
                name, linkName, type, mode, otherUid, otherGid, size, modified, deviceMajor, deviceMinor, xattrs);
    }
}
