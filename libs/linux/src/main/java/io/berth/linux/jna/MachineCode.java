package io.berth.linux.jna;

import com.sun.jna.Function;
import com.sun.jna.Pointer;
import io.berth.linux.abi.SyscallNumber;

/**
 * Machine code mapped into this process for good: written to fresh memory, which is then made read-only and executable
 * ({@code mprotect}), so that it is never writable and executable at once. On aarch64 the kernel cleans the caches of a
 * page when it first becomes executable.
 */
public final class MachineCode {
    private static final long PROT_READ = 1;
    private static final long PROT_EXEC = 4;

    private final Function function;

    private MachineCode(Function function) {
        this.function = function;
    }

    /** Maps code that takes integer arguments and returns a 64-bit integer by the C calling convention. */
    @SuppressWarnings("MustBeClosedChecker") // mapped for the life of the process: threads may be inside at any time
    public static MachineCode map(byte[] code) {
        NativeArena arena = NativeArena.map(code.length);
        arena.write(0, code);
        LibC.call(
                SyscallNumber.MPROTECT,
                "machine code, read and execute",
                arena.address(0),
                arena.size(),
                PROT_READ | PROT_EXEC);
        return new MachineCode(Function.getFunction(new Pointer(arena.address(0)), Function.C_CONVENTION));
    }

    /** Calls the code on this thread. */
    public long call(long a0, long a1, long a2) {
        return function.invokeLong(new Object[] {a0, a1, a2});
    }
}
