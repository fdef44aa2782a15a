package io.berth.buildkit.transfer;

import com.google.protobuf.ByteString;
import io.berth.buildkit.SessionException;
import io.berth.buildkit.TreeEntry;
import io.berth.buildkit.wire.StatProto.Stat;
import io.berth.linux.FileNameCodec;
import io.berth.linux.fd.FileType;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Entries of trees as they are on the wire, where modes are Go's (os.FileMode) and times are nanoseconds since 1970. */
public final class StatCodec {
    private static final int MAX_PATH_BYTES = 4095;
    private static final int MAX_NAME_BYTES = 255;
    private static final int MAX_LINK_BYTES = 4095;
    private static final int MAX_XATTRS = 64;
    private static final int MAX_XATTR_BYTES = 64 * 1024;
    private static final long NANOS = 1_000_000_000L;

    private static final int GO_DIRECTORY = 1 << 31;
    private static final int GO_SYMLINK = 1 << 27;
    private static final int GO_DEVICE = 1 << 26;
    private static final int GO_FIFO = 1 << 25;
    private static final int GO_SOCKET = 1 << 24;
    private static final int GO_SETUID = 1 << 23;
    private static final int GO_SETGID = 1 << 22;
    private static final int GO_CHARACTER = 1 << 21;
    private static final int GO_STICKY = 1 << 20;
    private static final int GO_IRREGULAR = 1 << 19;
    private static final int GO_TYPES =
            GO_DIRECTORY | GO_SYMLINK | GO_DEVICE | GO_FIFO | GO_SOCKET | GO_CHARACTER | GO_IRREGULAR;

    private StatCodec() {}

    /** The form on the wire. */
    public static Stat encode(TreeEntry entry) {
        Stat.Builder stat = Stat.newBuilder()
                .setPath(bytes(entry.path()))
                .setMode(goMode(entry.type(), entry.permissions()))
                .setUid((int) entry.uid())
                .setGid((int) entry.gid())
                .setSize(entry.size())
                .setModTime(nanos(entry.modified()))
                .setDevmajor(entry.major())
                .setDevminor(entry.minor());
        if (entry.link() != null) {
            stat.setLinkname(bytes(entry.link()));
        }
        entry.xattrs().forEach((name, value) -> stat.putXattrs(name, ByteString.copyFrom(value)));
        return stat.build();
    }

    /**
     * What a client says of a file.
     *
     * @throws SessionException when its path is not relative and canonical (so that it could lead elsewhere), or when it is too
     *     long, or what it says cannot be
     */
    static TreeEntry decode(Stat stat) throws SessionException {
        String path = FileNameCodec.decode(stat.getPath().toByteArray());
        checkPath(stat.getPath(), path);
        FileType type = type(stat.getMode());
        if (stat.getSize() < 0 || stat.getLinkname().size() > MAX_LINK_BYTES || hasNul(stat.getLinkname())) {
            throw new SessionException("client sent an impossible file: " + FileNameCodec.printable(path));
        }
        if (type == FileType.REGULAR && !stat.getLinkname().isEmpty()) {
            checkPath(
                    stat.getLinkname(), FileNameCodec.decode(stat.getLinkname().toByteArray()));
        }
        @Nullable
        String link = stat.getLinkname().isEmpty()
                ? null
                : FileNameCodec.decode(stat.getLinkname().toByteArray());
        return new TreeEntry(
                path,
                type,
                permissions(stat.getMode()),
                Integer.toUnsignedLong(stat.getUid()),
                Integer.toUnsignedLong(stat.getGid()),
                type == FileType.REGULAR ? stat.getSize() : 0,
                Instant.ofEpochSecond(Math.floorDiv(stat.getModTime(), NANOS), Math.floorMod(stat.getModTime(), NANOS)),
                link,
                device(stat.getDevmajor(), path),
                device(stat.getDevminor(), path),
                xattrs(stat, path));
    }

    private static void checkPath(ByteString bytes, String path) throws SessionException {
        boolean canonical = !bytes.isEmpty() && bytes.size() <= MAX_PATH_BYTES && !hasNul(bytes);
        int from = 0;
        while (canonical && from <= bytes.size()) {
            int slash = from;
            while (slash < bytes.size() && bytes.byteAt(slash) != '/') {
                slash++;
            }
            int length = slash - from;
            canonical = length > 0
                    && length <= MAX_NAME_BYTES
                    && !(length == 1 && bytes.byteAt(from) == '.')
                    && !(length == 2 && bytes.byteAt(from) == '.' && bytes.byteAt(from + 1) == '.');
            from = slash + 1;
        }
        if (!canonical) {
            throw new SessionException("client sent an invalid path: " + FileNameCodec.printable(path));
        }
    }

    private static boolean hasNul(ByteString bytes) {
        for (int i = 0; i < bytes.size(); i++) {
            if (bytes.byteAt(i) == 0) {
                return true;
            }
        }
        return false;
    }

    private static int device(long number, String path) throws SessionException {
        if (number < 0 || number > 0xFFFFF) {
            throw new SessionException("client sent an impossible device: " + FileNameCodec.printable(path));
        }
        return (int) number;
    }

    private static Map<String, byte[]> xattrs(Stat stat, String path) throws SessionException {
        if (stat.getXattrsCount() == 0) {
            return Map.of();
        }
        Map<String, byte[]> kept = new HashMap<>();
        int size = 0;
        for (Map.Entry<String, ByteString> xattr : stat.getXattrsMap().entrySet()) {
            // Others mean something to this host: overlayfs's marks, security labels, access lists.
            if (xattr.getKey().startsWith("user.") || xattr.getKey().equals("security.capability")) {
                kept.put(xattr.getKey(), xattr.getValue().toByteArray());
                size += xattr.getKey().length() + xattr.getValue().size();
            }
        }
        if (kept.size() > MAX_XATTRS || size > MAX_XATTR_BYTES) {
            throw new SessionException("client sent too many extended attributes: " + FileNameCodec.printable(path));
        }
        return kept;
    }

    private static FileType type(int mode) {
        return switch (mode & GO_TYPES) {
            case 0 -> FileType.REGULAR;
            case GO_DIRECTORY -> FileType.DIRECTORY;
            case GO_SYMLINK -> FileType.SYMBOLIC_LINK;
            case GO_FIFO -> FileType.FIFO;
            case GO_SOCKET -> FileType.SOCKET;
            case GO_DEVICE -> FileType.BLOCK_DEVICE;
            case GO_DEVICE | GO_CHARACTER -> FileType.CHARACTER_DEVICE;
            default -> FileType.UNKNOWN;
        };
    }

    private static int permissions(int mode) {
        return (mode & 0_777)
                | ((mode & GO_SETUID) != 0 ? 0_4000 : 0)
                | ((mode & GO_SETGID) != 0 ? 0_2000 : 0)
                | ((mode & GO_STICKY) != 0 ? 0_1000 : 0);
    }

    private static int goMode(FileType type, int permissions) {
        int bits =
                switch (type) {
                    case REGULAR -> 0;
                    case DIRECTORY -> GO_DIRECTORY;
                    case SYMBOLIC_LINK -> GO_SYMLINK;
                    case FIFO -> GO_FIFO;
                    case SOCKET -> GO_SOCKET;
                    case BLOCK_DEVICE -> GO_DEVICE;
                    case CHARACTER_DEVICE -> GO_DEVICE | GO_CHARACTER;
                    case UNKNOWN -> GO_IRREGULAR;
                };
        return bits
                | (permissions & 0_777)
                | ((permissions & 0_4000) != 0 ? GO_SETUID : 0)
                | ((permissions & 0_2000) != 0 ? GO_SETGID : 0)
                | ((permissions & 0_1000) != 0 ? GO_STICKY : 0);
    }

    private static long nanos(Instant time) {
        return time.getEpochSecond() * NANOS + time.getNano();
    }

    private static ByteString bytes(String name) {
        return ByteString.copyFrom(FileNameCodec.encode(name));
    }
}
