package io.berth.archive;

import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileStat;
import io.berth.linux.fd.FileType;
import java.util.Arrays;

/** How an upper directory of overlayfs says that something of the layers below is gone (kernel, overlayfs.rst). */
public final class OverlayMarks {
    private static final String OPAQUE = "trusted.overlay.opaque";
    /** Of overlays mounted with {@code userxattr}. */
    private static final String USER_OPAQUE = "user.overlay.opaque";

    private static final byte[] YES = {'y'};

    private OverlayMarks() {}

    /** Whether a file hides the one of its name below: a character device 0:0. */
    public static boolean isWhiteout(FileStat stat) {
        return stat.type() == FileType.CHARACTER_DEVICE && stat.rdevMajor() == 0 && stat.rdevMinor() == 0;
    }

    /** Whether a directory hides all contents that the one of its name below has. */
    public static boolean isOpaque(Directory at, String name) {
        return Arrays.equals(at.xattr(name, OPAQUE), YES) || Arrays.equals(at.xattr(name, USER_OPAQUE), YES);
    }

    /** Makes a directory hide all contents that the one of its name below has. */
    public static void setOpaque(Directory at, String name) {
        at.setXattr(name, OPAQUE, YES);
    }

    /** Whether an attribute steers overlayfs: only this program and the kernel set such, never an archive. */
    static boolean isOverlayXattr(String name) {
        return name.startsWith("trusted.overlay.") || name.startsWith("user.overlay.");
    }
}
