package io.berth.linux.quota;

import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Directory;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import java.nio.ByteBuffer;

/**
 * Project quotas: a file system that counts them (ext4 and xfs, mounted with {@code prjquota}) limits what all files of one
 * project take together. A directory's project goes to what is made in it when the directory says so.
 *
 * <p>Who has CAP_SYS_RESOURCE may exceed a limit, and is counted all the same.
 */
public final class ProjectQuota {
    // linux/quota.h, linux/dqblk_xfs.h
    private static final int PROJECT = 2;
    private static final long XFS_SET_LIMIT = command(('X' << 8) + 4);
    private static final long XFS_GET_STATE = command(('X' << 8) + 5);
    private static final int PROJECT_ENFORCED = 1 << 5;
    private static final int STATE_SIZE = 80;
    private static final int STATE_FLAGS = 2;
    private static final int LIMIT_SIZE = 112;
    private static final int LIMIT_VERSION = 1;
    private static final int LIMIT_OF_PROJECT = 2;
    private static final int LIMIT_HARD = 1 << 3;
    private static final int LIMIT_BLOCK = 512;

    // linux/fs.h
    private static final int ATTRIBUTES_SIZE = 28;
    private static final long GET_ATTRIBUTES = 0x801c581fL;
    private static final long SET_ATTRIBUTES = 0x401c5820L;
    private static final int ATTRIBUTES_PROJECT = 12;
    private static final int INHERITED = 0x200;

    private ProjectQuota() {}

    private static long command(int number) {
        return (long) number << 8 | PROJECT;
    }

    /** Whether limits hold in the file system of a directory. */
    public static boolean isEnforced(Directory directory) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int state = buffer.reserve(STATE_SIZE);
            long result = LibC.callRaw(
                    SyscallNumber.QUOTACTL_FD, directory.fd().value(), XFS_GET_STATE, 0, buffer.address() + state);
            return result == 0 && (buffer.bytes().getShort(state + STATE_FLAGS) & PROJECT_ENFORCED) != 0;
        }
    }

    /**
     * Limits a project in the file system of a directory.
     *
     * @param project not 0, which is everything else
     * @param bytes rounded up to blocks of 512
     * @throws SyscallException when the file system does not count projects
     */
    public static void limit(Directory directory, int project, long bytes) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int limit = buffer.reserve(LIMIT_SIZE);
            ByteBuffer quota = buffer.bytes();
            quota.put(limit, (byte) LIMIT_VERSION);
            quota.put(limit + 1, (byte) LIMIT_OF_PROJECT);
            quota.putShort(limit + 2, (short) LIMIT_HARD);
            quota.putInt(limit + 4, project);
            quota.putLong(limit + 8, Math.ceilDiv(bytes, LIMIT_BLOCK));
            LibC.call(
                    SyscallNumber.QUOTACTL_FD,
                    directory.toString(),
                    directory.fd().value(),
                    XFS_SET_LIMIT,
                    project & 0xffffffffL,
                    buffer.address() + limit);
        }
    }

    /** The project of a directory; 0 when it has none or its file system knows none. */
    public static int project(Directory directory) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int attributes = buffer.reserve(ATTRIBUTES_SIZE);
            long result = LibC.callRaw(
                    SyscallNumber.IOCTL, directory.fd().value(), GET_ATTRIBUTES, buffer.address() + attributes);
            return result == 0 ? buffer.bytes().getInt(attributes + ATTRIBUTES_PROJECT) : 0;
        }
    }

    /**
     * Puts an empty directory into a project.
     *
     * @param inherited whether what is made in it belongs to the project too
     * @throws SyscallException when the file system knows none
     */
    public static void assign(Directory directory, int project, boolean inherited) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int attributes = buffer.reserve(ATTRIBUTES_SIZE);
            ByteBuffer bytes = buffer.bytes();
            long at = buffer.address() + attributes;
            int fd = directory.fd().value();
            LibC.call(SyscallNumber.IOCTL, directory.toString(), fd, GET_ATTRIBUTES, at);
            int flags = bytes.getInt(attributes);
            bytes.putInt(attributes, inherited ? flags | INHERITED : flags & ~INHERITED);
            bytes.putInt(attributes + ATTRIBUTES_PROJECT, project);
            LibC.call(SyscallNumber.IOCTL, directory.toString(), fd, SET_ATTRIBUTES, at);
        }
    }
}
