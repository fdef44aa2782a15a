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
            done:
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
                test    rax, rax            # a negative number ends a list: back to who called it
                js      done
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
            b8b30100000f0585c07401c34889d3488b7b08488b7310488b53184c8b53204c
            8b43284c8b4b30488b034885c078dc0f0548894348483d01f0ffff7311488b4b
            38e318488b114889014889d1ebf348f7d8488b5340480fa3c273064883c350eb
            aebf7f000000b8e70000000f050f0b
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
            bf0400000031f6b89d0000000f05bf00005000be58000000ba20015000e80f00
            00004889042558005000bb80005000eb0f
            """.replaceAll("\\s", ""));

    /**
     * GNU assembler: what the {@link JoiningStage} begins with; {@link #LISTING} follows directly. Addresses are those that are
     * described there.
     */
    static final String JOINING_LISTING = """
            .intel_syntax noprefix
                mov     ebx, 0x500000       # the list that maps the others
                call    next
                mov     ebx, 0x10000040     # the stage's list
                call    next
                mov     edi, 0x10c011       # CLONE_PARENT | CLONE_PARENT_SETTID | CLONE_VFORK | SIGCHLD
                xor     esi, esi            # a copy of this stack
                mov     edx, 0x10000008     # where the kernel stores the process's number
                xor     r10d, r10d
                xor     r8d, r8d
                mov     eax, 56             # clone
                syscall
                test    rax, rax
                jz      process
                mov     [0x10000000], rax
                xor     edi, edi
                mov     eax, 231            # exit_group
                syscall
                ud2                         # a filter may refuse even that
            process:
                mov     ebx, 0x20000000     # the process's own list
                jmp     next
            """;

    /** {@link #JOINING_LISTING} assembled. */
    static final byte[] JOINING_CODE = HexFormat.of().parseHex("""
            bb00005000e851000000bb40000010e847000000bf11c0100031f6ba08000010
            4531d24531c0b8380000000f054885c07413488904250000001031ffb8e70000
            000f050f0bbb00000020eb0f
            """.replaceAll("\\s", ""));

    private TrampolineX86_64() {}
}
