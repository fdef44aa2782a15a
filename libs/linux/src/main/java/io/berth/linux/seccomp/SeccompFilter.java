package io.berth.linux.seccomp;

import io.berth.linux.abi.Architecture;
import io.berth.linux.abi.SyscallNumber;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * A compiled filter, ready for {@code seccomp(SECCOMP_SET_MODE_FILTER, flags, {length, address})}. A value: compile once
 * and keep it.
 *
 * @param instructions 1 to 4096
 * @param flags for the call (SECCOMP_FILTER_FLAG_* of linux/seccomp.h)
 */
public record SeccompFilter(List<BpfInstruction> instructions, int flags) {
    /** {@code SECCOMP_FILTER_FLAG_LOG}: log every action but allow. */
    public static final int FLAG_LOG = 2;

    /** {@code SECCOMP_FILTER_FLAG_SPEC_ALLOW}: do not turn speculative store bypass off for the process. */
    public static final int FLAG_SPEC_ALLOW = 4;

    private static final int ARGUMENTS = 6;
    private static final int ACTION_MASK = 0xffff0000;
    private static final int RET_ALLOW = 0x7fff0000;
    private static final int RET_LOG = 0x7ffc0000;

    /** BPF_MAXINSNS. */
    private static final int MAX_INSTRUCTIONS = 4096;

    public SeccompFilter {
        instructions = List.copyOf(instructions);
        if (instructions.isEmpty() || instructions.size() > MAX_INSTRUCTIONS) {
            throw new IllegalArgumentException(
                    "seccomp filter: " + instructions.size() + " instructions (expected: 1 to 4096)");
        }
    }

    /**
     * Whether a process of this machine's own architecture may make a call under the filter.
     *
     * @param arguments up to six; missing ones are zero
     */
    public boolean permits(SyscallNumber call, long... arguments) {
        int action = new BpfMachine(instructions)
                .run(
                        SeccompArchitecture.of(Architecture.CURRENT).auditArch(),
                        call.number(),
                        Arrays.copyOf(arguments, ARGUMENTS));
        int kind = action & ACTION_MASK;
        return kind == RET_ALLOW || kind == RET_LOG;
    }

    /** Bytes of an encoded instruction: u16 code, u8 jump true, u8 jump false, u32 operand, native byte order. */
    public static final int INSTRUCTION_SIZE = 8;

    /** The array of struct sock_filter that a struct sock_fprog points to. */
    public byte[] encode() {
        ByteBuffer bytes =
                ByteBuffer.allocate(instructions.size() * INSTRUCTION_SIZE).order(ByteOrder.nativeOrder());
        for (BpfInstruction instruction : instructions) {
            bytes.putShort((short) instruction.code())
                    .put((byte) instruction.jumpTrue())
                    .put((byte) instruction.jumpFalse())
                    .putInt(instruction.operand());
        }
        return bytes.array();
    }
}
