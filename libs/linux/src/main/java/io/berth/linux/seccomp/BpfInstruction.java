package io.berth.linux.seccomp;

/**
 * One instruction of classic BPF: struct sock_filter of linux/filter.h.
 *
 * @param code operation, 16 bits
 * @param jumpTrue instructions to skip when a comparison holds, 8 bits
 * @param jumpFalse instructions to skip when it does not, 8 bits
 * @param operand 32 bits
 */
public record BpfInstruction(int code, int jumpTrue, int jumpFalse, int operand) {
    static final int LOAD_WORD = 0x20;
    static final int AND = 0x54;
    static final int JUMP = 0x05;
    static final int JUMP_EQUAL = 0x15;
    static final int JUMP_GREATER = 0x25;
    static final int JUMP_GREATER_OR_EQUAL = 0x35;
    static final int RETURN = 0x06;

    static BpfInstruction load(int offset) {
        return new BpfInstruction(LOAD_WORD, 0, 0, offset);
    }

    static BpfInstruction and(int mask) {
        return new BpfInstruction(AND, 0, 0, mask);
    }

    static BpfInstruction jump(int skip) {
        return new BpfInstruction(JUMP, 0, 0, skip);
    }

    static BpfInstruction returning(SeccompAction action) {
        return new BpfInstruction(RETURN, 0, 0, action.value());
    }
}
