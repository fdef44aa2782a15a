package io.berth.linux.fd;

/**
 * How openat2(2) resolves a path from a directory descriptor. Every constant refuses magic links (the links of
 * {@code /proc/<pid>/fd} and the like, which lead out of any tree).
 *
 * @param flags the {@code RESOLVE_*} bits of linux/openat2.h
 */
public record Resolution(long flags) {
    static final long NO_XDEV = 0x01;
    static final long NO_MAGICLINKS = 0x02;
    static final long NO_SYMLINKS = 0x04;
    static final long RESOLVE_BENEATH = 0x08;
    static final long RESOLVE_IN_ROOT = 0x10;

    /**
     * As if the directory were {@code /}: absolute paths and links start at it, and {@code ..} stops at it. What a
     * process chrooted there would see.
     */
    public static final Resolution IN_ROOT = new Resolution(RESOLVE_IN_ROOT | NO_MAGICLINKS);

    /** Whatever would lead out of the directory, even for a moment, is refused with EXDEV. */
    public static final Resolution BENEATH = new Resolution(RESOLVE_BENEATH | NO_MAGICLINKS);

    /** {@link #BENEATH}, and any symbolic link on the way or at the end is refused with ELOOP. */
    public static final Resolution BENEATH_NO_SYMLINKS = BENEATH.withoutSymlinks();

    /** For a private procfs: beneath, no links of any kind, and never onto something mounted over it. */
    public static final Resolution PROCFS = BENEATH_NO_SYMLINKS.withinMount();

    /** This, refusing every symbolic link with ELOOP. */
    public Resolution withoutSymlinks() {
        return new Resolution(flags | NO_SYMLINKS);
    }

    /** This, refusing to go onto another mount with EXDEV. */
    public Resolution withinMount() {
        return new Resolution(flags | NO_XDEV);
    }
}
