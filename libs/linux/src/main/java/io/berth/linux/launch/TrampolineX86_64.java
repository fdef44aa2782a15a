package io.berth.linux.launch;

import java.util.HexFormat;

/**
 * The code that walks a launch program, for x86-64. It is position-independent and uses no stack.
 *
 * <p>In the parent it returns what {@code clone3} returned: a process id or a negated error number. In the child it
 * never returns. A test assembles the listings and compares the results with the code.
 */
final class TrampolineX86_64 {
    /** GNU assembler. Records are described at {@link ProgramImage}. */
    static final String LISTING = """
            .intel_syntax noprefix
            # rdi = struct clone_args, rsi = its size, rdx = the first record
                mov     eax, 435            # clone3
                syscall                     # the kernel preserves all registers but rax, rcx and r11
                test    eax, eax
                jz      child
                ret
            child:
                mov     rbx, rdx            # rbx = this record
            next:
                mov     rdi, [rbx+8]
                mov     rsi, [rbx+16]
                mov     rdx, [rbx+24]
                mov     r10, [rbx+32]
                mov     r8, [rbx+40]
                mov     r9, [rbx+48]
                mov     rax, [rbx]
                syscall
                mov     [rbx+72], rax       # so that the parent can tell how far the child came
                cmp     rax, -4095          # -4095 to -1 are error numbers
                jae     failed
                mov     rcx, [rbx+56]       # the first place that receives the result
            store:
                jrcxz   advance
                mov     rdx, [rcx]          # the next such place
                mov     [rcx], rax
                mov     rcx, rdx
                jmp     store
            failed:
                neg     rax
                mov     rdx, [rbx+64]
                bt      rdx, rax            # the bit number is taken modulo 64
                jnc     stop
            advance:
                add     rbx, 80
                jmp     next
            stop:
                mov     edi, 127
                mov     eax, 231            # exit_group
                syscall
                ud2
            """;

    /** {@link #LISTING} assembled. */
    static final byte[] CODE = HexFormat.of().parseHex("""
            b8b3010000 0f05 85c0 7401 c3
            4889d3
            488b7b08 488b7310 488b5318 4c8b5320 4c8b4328 4c8b4b30 488b03 0f05
            48894348 483d01f0ffff 7311 488b4b38
            e318 488b11 488901 4889d1 ebf3
            48f7d8 488b5340 480fa3c2 7306
            4883c350 ebb3
            bf7f000000 b8e7000000 0f05 0f0b
            """.replaceAll("\\s", ""));

    /**
     * GNU assembler: what the {@link StageExecutable} begins with; {@link #LISTING} follows directly. Addresses are those of
     * the executable's data, described there.
     */
    static final String STAGE_LISTING = """
            .intel_syntax noprefix
                mov     edi, 4              # PR_SET_DUMPABLE
                xor     esi, esi
                mov     eax, 157            # prctl
                syscall
                mov     edi, 0x500000       # struct clone_args
                mov     esi, 88
                mov     edx, 0x500120       # the program's first record
                call    trampoline
                mov     [0x500058], rax
                mov     ebx, 0x500080       # the stage's own records: report, exit
                jmp     next
            trampoline:
            """;

    /** {@link #STAGE_LISTING} assembled. */
    static final byte[] STAGE_CODE = HexFormat.of().parseHex("""
            bf04000000 31f6 b89d000000 0f05
            bf00005000 be58000000 ba20015000 e80f000000
            4889042558005000 bb80005000 eb0f
            """.replaceAll("\\s", ""));

    private TrampolineX86_64() {}
}
