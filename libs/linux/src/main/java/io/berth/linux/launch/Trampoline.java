package io.berth.linux.launch;

import io.berth.linux.abi.Architecture;
import io.berth.linux.jna.MachineCode;

/**
 * The machine code that makes a child and, in it, walks a launch program. Mapped once, on first use.
 *
 * <p>About a hundred bytes, because the child may run nothing else: it shares this JVM's memory, so Java, libc,
 * thread-local storage and signal handlers are all out of bounds.
 */
final class Trampoline {
    private static final MachineCode CODE = MachineCode.map(code(Architecture.CURRENT));

    private Trampoline() {}

    static byte[] code(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> TrampolineX86_64.CODE.clone();
            case AARCH64 -> TrampolineAarch64.CODE.clone();
        };
    }

    static byte[] stageCode(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> TrampolineX86_64.STAGE_CODE.clone();
            case AARCH64 -> TrampolineAarch64.STAGE_CODE.clone();
        };
    }

    static byte[] joiningCode(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> TrampolineX86_64.JOINING_CODE.clone();
            case AARCH64 -> TrampolineAarch64.JOINING_CODE.clone();
        };
    }

    /**
     * Makes a child with {@code clone3} that walks the program.
     *
     * @param cloneArguments address of {@code struct clone_args}
     * @param size of that structure
     * @param records address of the first record
     * @return the child's process id, or a negated error number
     */
    static long call(long cloneArguments, long size, long records) {
        return CODE.call(cloneArguments, size, records);
    }
}
