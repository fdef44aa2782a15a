package io.berth.linux.jna;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;

/**
 * libc by direct mapping. System calls go through {@link #call}, which checks the result in the only safe way: compare
 * with -1, then read errno on the very next line ({@code LastErrorException} throws on success when errno was left set).
 *
 * <p>Arguments are 64-bit registers: pass addresses as {@link Pointer#nativeValue}, and sign-extend negative
 * descriptors such as {@code AT_FDCWD} (an {@code int} -1 widened to {@code long} does that).
 */
public final class LibC {
    static {
        Native.register(LibC.class, "c");
    }

    private LibC() {}

    // The variadic C prototype and this fixed one pass integer arguments alike on x86-64 and aarch64 Linux.
    private static native long syscall(long number, long a0, long a1, long a2, long a3, long a4, long a5);

    /**
     * Makes a system call and returns its result or the negated error number; never throws.
     *
     * @param number the number on this architecture, see {@link SyscallNumber}
     */
    public static long callRaw(long number, long a0, long a1, long a2, long a3, long a4, long a5) {
        long result = syscall(number, a0, a1, a2, a3, a4, a5);
        if (result == -1) {
            return -Native.getLastError();
        }
        return result;
    }

    /**
     * Makes a system call.
     *
     * @param subject names what is acted on, for the error message
     * @throws SyscallException when the kernel refuses
     */
    public static long call(SyscallNumber number, String subject, long... arguments) {
        long result = callRaw(number, arguments);
        if (result < 0) {
            throw new SyscallException(number.callName(), subject, (int) -result);
        }
        return result;
    }

    /** Like {@link #call}, but returns the negated error number for the caller to decide on. */
    public static long callRaw(SyscallNumber number, long... arguments) {
        long[] a = arguments.length == 6 ? arguments : java.util.Arrays.copyOf(arguments, 6);
        return callRaw(number.number(), a[0], a[1], a[2], a[3], a[4], a[5]);
    }
}
