package io.berth.linux.seccomp;

import org.jspecify.annotations.Nullable;

/**
 * What a filter says to a call: the 32-bit value it returns (SECCOMP_RET_* of linux/seccomp.h).
 *
 * @param value action in the upper half, data (an error number) in the lower
 */
record SeccompAction(int value) {
    static final SeccompAction ALLOW = new SeccompAction(0x7FFF0000);
    static final SeccompAction KILL_PROCESS = new SeccompAction(0x80000000);

    private static final int EPERM = 1;
    private static final int MAX_ERRNO = 4095;

    static SeccompAction errno(int errno) {
        return new SeccompAction(0x00050000 | errno);
    }

    /**
     * Reads a profile's action.
     *
     * @throws IllegalArgumentException for one that is unknown, or that needs a listening process
     */
    static SeccompAction parse(String name, @Nullable Integer errnoRet) {
        int errno = errnoRet == null ? EPERM : errnoRet;
        if (errno < 0 || errno > MAX_ERRNO) {
            throw new IllegalArgumentException("seccomp profile: errnoRet " + errno + " (expected: 0 to 4095)");
        }
        return switch (name) {
            case "SCMP_ACT_ALLOW" -> ALLOW;
            case "SCMP_ACT_ERRNO" -> errno(errno);
            case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD" -> new SeccompAction(0);
            case "SCMP_ACT_KILL_PROCESS" -> KILL_PROCESS;
            case "SCMP_ACT_TRAP" -> new SeccompAction(0x00030000);
            case "SCMP_ACT_TRACE" -> new SeccompAction(0x7FF00000 | errno);
            case "SCMP_ACT_LOG" -> new SeccompAction(0x7FFC0000);
            default -> throw new IllegalArgumentException("seccomp profile: action " + name + " is not supported");
        };
    }

    /** Whether a call that is new to the profile would go through. */
    boolean isPermissive() {
        return value == ALLOW.value || value == 0x7FFC0000;
    }
}
