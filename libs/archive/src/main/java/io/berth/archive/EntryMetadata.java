package io.berth.archive;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileHandle;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;

/**
 * Sets owner, mode, attributes and time of an extracted file, in this order: changing the owner clears set-id bits and file
 * capabilities, changing the mode rewrites ACLs.
 */
final class EntryMetadata {
    private EntryMetadata() {}

    /** Of anything by name, except that times are the caller's part; a link is never followed. */
    static void apply(Directory at, String name, TarEntry entry) {
        at.chown(name, entry.uid(), entry.gid());
        if (entry.type() != TarType.SYMBOLIC_LINK) {
            at.chmod(name, entry.mode());
        }
        setXattrs(entry, (key, value) -> at.setXattr(name, key, value));
    }

    /** Of an open file. */
    static void apply(FileHandle file, TarEntry entry) {
        file.chown(entry.uid(), entry.gid());
        file.chmod(entry.mode());
        setXattrs(entry, file::setXattr);
    }

    private static void setXattrs(TarEntry entry, BiConsumer<String, byte[]> set) {
        entry.xattrs().forEach((name, value) -> {
            if (OverlayMarks.isOverlayXattr(name)) {
                return;
            }
            try {
                set.accept(name, bytes(value));
            } catch (SyscallException e) {
                // Attributes that this file system or kind of file cannot have are left out, as Docker does.
                if (e.errno() != Errno.EOPNOTSUPP && e.errno() != Errno.EPERM) {
                    throw e;
                }
            }
        });
    }

    private static byte[] bytes(ByteBuffer value) {
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        return bytes;
    }
}
