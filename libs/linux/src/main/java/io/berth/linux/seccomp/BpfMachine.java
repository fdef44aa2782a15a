package io.berth.linux.seccomp;

import java.util.List;

/** Runs a classic BPF program as the kernel's seccomp does (net/core/filter.c, kernel/seccomp.c). */
final class BpfMachine {
    private final BpfInstruction[] code;
    private int steps;

    BpfMachine(List<BpfInstruction> code) {
        this.code = code.toArray(BpfInstruction[]::new);
    }

    /** How many instructions the last run took. */
    int steps() {
        return steps;
    }

    int run(int arch, int number, long... arguments) {
        int accumulator = 0;
        int at = 0;
        steps = 0;
        while (true) {
            BpfInstruction i = code[at++];
            steps++;
            switch (i.code()) {
                case 0x20 -> accumulator = word(i.operand(), arch, number, arguments);
                case 0x54 -> accumulator &= i.operand();
                case 0x05 -> at += i.operand();
                case 0x15 -> at += accumulator == i.operand() ? i.jumpTrue() : i.jumpFalse();
                case 0x25 -> at += Integer.compareUnsigned(accumulator, i.operand()) > 0 ? i.jumpTrue() : i.jumpFalse();
                case 0x35 ->
                    at += Integer.compareUnsigned(accumulator, i.operand()) >= 0 ? i.jumpTrue() : i.jumpFalse();
                case 0x06 -> {
                    return i.operand();
                }
                default -> throw new IllegalStateException("code " + i.code());
            }
        }
    }

    /** struct seccomp_data: int nr, u32 arch, u64 instruction pointer, u64 args[6]. */
    private static int word(int offset, int arch, int number, long[] arguments) {
        return switch (offset) {
            case 0 -> number;
            case 4 -> arch;
            default -> {
                if (offset < 16 || offset > 60 || offset % 4 != 0) {
                    throw new IllegalStateException("offset " + offset);
                }
                long argument = arguments[(offset - 16) / 8];
                yield (int) (offset % 8 == 0 ? argument : argument >>> 32);
            }
        };
    }
}
