package io.berth.linux.launch;

import io.berth.linux.abi.Architecture;
import java.util.HexFormat;

/**
 * What process 1 of a container does that was asked to have an init: it makes the program its child, in a process group of
 * its own that is the terminal's foreground one, forwards every signal to it, reaps whoever else ends, and exits as the program
 * did (with 128 and the signal's number when a signal ended it).
 *
 * <p>Where the program cannot be executed, its error number is written to the report; else the report is closed without a
 * word. {@link InitExecutable} describes the parameters that follow the code. A test assembles the listings and compares the
 * results with the code.
 */
final class InitCode {
    /** GNU assembler. */
    static final String X86_64_LISTING = """
            .intel_syntax noprefix
            # The kernel's stack: argc, argv, NULL, envp. After this code: struct Parameters, see InitExecutable
                mov     r12, rsp
                lea     r13, [rip+parameters]
                mov     edi, 15             # PR_SET_NAME
                lea     rsi, [r13+16]
                mov     eax, 157            # prctl
                syscall
                xor     edi, edi            # SIG_BLOCK
                lea     rsi, [r13+8]        # all signals
                xor     edx, edx
                mov     r10d, 8
                mov     eax, 14             # rt_sigprocmask
                syscall
                mov     eax, 57             # fork
                syscall
                test    eax, eax
                jz      child
                js      broken
                mov     ebp, eax            # ebp = the child
                mov     edi, [r13]          # the report
                mov     eax, 3              # close
                syscall
                sub     rsp, 256
                xor     r14d, r14d          # r14 = whether the child has ended
            wait:
                lea     rdi, [r13+8]
                mov     rsi, rsp            # siginfo
                xor     edx, edx
                mov     r10d, 8
                mov     eax, 128            # rt_sigtimedwait
                syscall
                test    eax, eax
                js      wait
                cmp     eax, 17             # SIGCHLD
                je      reap
                mov     edi, ebp
                mov     esi, eax
                mov     eax, 62             # kill
                syscall
                jmp     wait
            reap:
                mov     rdi, -1
                lea     rsi, [rsp+128]
                mov     edx, 1              # WNOHANG
                xor     r10d, r10d
                mov     eax, 61             # wait4
                syscall
                test    eax, eax
                jle     reaped
                cmp     eax, ebp
                jne     reap
                mov     r15d, [rsp+128]     # r15 = the child's status
                inc     r14d
                jmp     reap
            reaped:
                test    r14d, r14d
                jz      wait
                mov     edi, r15d
                and     edi, 127            # the signal that ended it
                jz      exited
                add     edi, 128
                jmp     exit
            exited:
                mov     edi, r15d
                shr     edi, 8
                and     edi, 255
            exit:
                mov     eax, 231            # exit_group
                syscall
            child:
                mov     edi, [r13]
                mov     esi, 2              # F_SETFD
                mov     edx, 1              # FD_CLOEXEC
                mov     eax, 72             # fcntl
                syscall
                xor     edi, edi
                xor     esi, esi
                mov     eax, 109            # setpgid
                syscall
                mov     eax, 39             # getpid
                syscall
                push    rax
                xor     edi, edi
                mov     esi, 0x5410         # TIOCSPGRP; fails where 0 is no terminal
                mov     rdx, rsp
                mov     eax, 16             # ioctl
                syscall
                mov     edi, 2              # SIG_SETMASK
                lea     rsi, [r13+32]       # no signals
                xor     edx, edx
                mov     r10d, 8
                mov     eax, 14             # rt_sigprocmask
                syscall
                mov     rax, [r12]          # argc
                lea     r15, [r12+rax*8+16] # envp
                lea     r14, [r13+40]       # the paths
                mov     ebp, 2              # ENOENT
            try:
                mov     rdi, r14
                lea     rsi, [r12+24]       # argv from the third
                mov     rdx, r15
                mov     eax, 59             # execve
                syscall
                neg     eax
                cmp     eax, 2              # ENOENT
                je      next
                cmp     eax, 20             # ENOTDIR
                je      next
                mov     ebp, eax
                cmp     eax, 13             # EACCES
                jne     failed
            next:
                cmp     byte ptr [r14], 0
                lea     r14, [r14+1]
                jne     next
                cmp     byte ptr [r14], 0
                jne     try
            failed:
                mov     eax, ebp
            broken:
                push    rax
                mov     edi, [r13]
                mov     rsi, rsp
                mov     edx, 4
                mov     eax, 1              # write
                syscall
                mov     edi, 127
                mov     eax, 231            # exit_group
                syscall
                .balign 8
            parameters:
            """;

    /** GNU assembler. */
    static final String AARCH64_LISTING = """
            // The kernel's stack: argc, argv, NULL, envp. After this code: struct Parameters, see InitExecutable
                mov     x19, sp
                adr     x20, parameters
                mov     x0, #15             // PR_SET_NAME
                add     x1, x20, #16
                mov     x8, #167            // prctl
                svc     #0
                mov     x0, #0              // SIG_BLOCK
                add     x1, x20, #8         // all signals
                mov     x2, #0
                mov     x3, #8
                mov     x8, #135            // rt_sigprocmask
                svc     #0
                mov     x0, #17             // SIGCHLD
                mov     x1, #0
                mov     x2, #0
                mov     x3, #0
                mov     x4, #0
                mov     x8, #220            // clone
                svc     #0
                cbz     x0, child
                tbnz    x0, #63, broken
                mov     x21, x0             // x21 = the child
                ldr     w0, [x20]           // the report
                mov     x8, #57             // close
                svc     #0
                sub     sp, sp, #256
                mov     x22, #0             // x22 = whether the child has ended
            wait:
                add     x0, x20, #8
                mov     x1, sp              // siginfo
                mov     x2, #0
                mov     x3, #8
                mov     x8, #137            // rt_sigtimedwait
                svc     #0
                tbnz    x0, #63, wait
                cmp     x0, #17             // SIGCHLD
                b.eq    reap
                mov     x1, x0
                mov     x0, x21
                mov     x8, #129            // kill
                svc     #0
                b       wait
            reap:
                mov     x0, #-1
                add     x1, sp, #128
                mov     x2, #1              // WNOHANG
                mov     x3, #0
                mov     x8, #260            // wait4
                svc     #0
                cmp     x0, #0
                b.le    reaped
                cmp     x0, x21
                b.ne    reap
                ldr     w23, [sp, #128]     // w23 = the child's status
                mov     x22, #1
                b       reap
            reaped:
                cbz     x22, wait
                and     w0, w23, #127       // the signal that ended it
                cbz     w0, exited
                add     w0, w0, #128
                b       exit
            exited:
                ubfx    w0, w23, #8, #8
            exit:
                mov     x8, #94             // exit_group
                svc     #0
            child:
                ldr     w0, [x20]
                mov     x1, #2              // F_SETFD
                mov     x2, #1              // FD_CLOEXEC
                mov     x8, #25             // fcntl
                svc     #0
                mov     x0, #0
                mov     x1, #0
                mov     x8, #154            // setpgid
                svc     #0
                mov     x8, #172            // getpid
                svc     #0
                str     x0, [sp, #-16]!
                mov     x0, #0
                mov     x1, #0x5410         // TIOCSPGRP; fails where 0 is no terminal
                mov     x2, sp
                mov     x8, #29             // ioctl
                svc     #0
                mov     x0, #2              // SIG_SETMASK
                add     x1, x20, #32        // no signals
                mov     x2, #0
                mov     x3, #8
                mov     x8, #135            // rt_sigprocmask
                svc     #0
                ldr     x9, [x19]           // argc
                add     x24, x19, x9, lsl #3
                add     x24, x24, #16       // envp
                add     x25, x20, #40       // the paths
                mov     x21, #2             // ENOENT
            try:
                mov     x0, x25
                add     x1, x19, #24        // argv from the third
                mov     x2, x24
                mov     x8, #221            // execve
                svc     #0
                neg     x0, x0
                cmp     x0, #2              // ENOENT
                b.eq    next
                cmp     x0, #20             // ENOTDIR
                b.eq    next
                mov     x21, x0
                cmp     x0, #13             // EACCES
                b.ne    failed
            next:
                ldrb    w9, [x25], #1
                cbnz    w9, next
                ldrb    w9, [x25]
                cbnz    w9, try
            failed:
                mov     x0, x21
            broken:
                str     x0, [sp, #-16]!
                ldr     w0, [x20]
                mov     x1, sp
                mov     x2, #4
                mov     x8, #64             // write
                svc     #0
                mov     x0, #127
                mov     x8, #94             // exit_group
                svc     #0
                .balign 8
            parameters:
            """;

    /** {@link #X86_64_LISTING} assembled. */
    private static final byte[] X86_64 = HexFormat.of().parseHex("""
            4989e44c8d2d96010000bf0f000000498d7510b89d0000000f0531ff498d7508
            31d241ba08000000b80e0000000f05b8390000000f0585c00f84a40000000f88
            3801000089c5418b7d00b8030000000f054881ec000100004531f6498d7d0848
            89e631d241ba08000000b8800000000f0585c078e683f811740d89ef89c6b83e
            0000000f05ebd448c7c7ffffffff488db42480000000ba010000004531d2b83d
            0000000f0585c07e1139e875da448bbc248000000041ffc6ebcd4585f6749c44
            89ff83e77f740881c780000000eb0c4489ffc1ef0881e7ff000000b8e7000000
            0f05418b7d00be02000000ba01000000b8480000000f0531ff31f6b86d000000
            0f05b8270000000f055031ffbe105400004889e2b8100000000f05bf02000000
            498d752031d241ba08000000b80e0000000f05498b04244d8d7cc4104d8d7528
            bd020000004c89f7498d7424184c89fab83b0000000f05f7d883f802740c83f8
            14740789c583f80d751041803e004d8d760175f641803e0075cb89e850418b7d
            004889e6ba04000000b8010000000f05bf7f000000b8e70000000f050f1f4000
            """.replaceAll("\\s", ""));

    /** {@link #AARCH64_LISTING} assembled. */
    private static final byte[] AARCH64 = HexFormat.of().parseHex("""
            f3030091b40e0010e00180d281420091e81480d2010000d4000080d281220091
            020080d2030180d2e81080d2010000d4200280d2010080d2020080d2030080d2
            040080d2881b80d2010000d4600500b4000bf8b7f50300aa800240b9280780d2
            010000d4ff0304d1160080d280220091e1030091020080d2030180d2281180d2
            010000d440ffffb71f4400f1c0000054e10300aae00315aa281080d2010000d4
            f3ffff1700008092e1030291220080d2030080d2882080d2010000d41f0000f1
            cd0000541f0015ebe1feff54f78340b9360080d2f4ffff17b6fcffb4e01a0012
            600000340000021102000014e03e0853c80b80d2010000d4800240b9410080d2
            220080d2280380d2010000d4000080d2010080d2481380d2010000d4881580d2
            010000d4e00f1ff8000080d201828ad2e2030091a80380d2010000d4400080d2
            81820091020080d2030180d2e81080d2010000d4690240f9780e098b18430091
            99a20091550080d2e00319aa61620091e20318aaa81b80d2010000d4e00300cb
            1f0800f1c00000541f5000f180000054f50300aa1f3400f1a100005429174038
            e9ffff352903403909feff35e00315aae00f1ff8800240b9e1030091820080d2
            080880d2010000d4e00f80d2c80b80d2010000d41f2003d5
            """.replaceAll("\\s", ""));

    private InitCode() {}

    static byte[] of(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> X86_64.clone();
            case AARCH64 -> AARCH64.clone();
        };
    }
}
