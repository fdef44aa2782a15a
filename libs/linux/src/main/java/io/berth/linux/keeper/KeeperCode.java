package io.berth.linux.keeper;

import io.berth.linux.abi.Architecture;
import java.util.HexFormat;

/**
 * What a keeper does, for ever: it receives a message on descriptor 3 and obeys it. A message is up to {@value #MAX_NUMBERS}
 * descriptor numbers of 4 bytes; with as many descriptors beside it, each of them gets its number, closing what had it; without
 * any, the numbers are closed.
 *
 * <p>Received descriptors take the lowest free numbers for a moment, so the numbers asked for must be above all of those. A
 * test assembles the listings and compares the results with the code.
 */
final class KeeperCode {
    static final int MAX_NUMBERS = 16;

    /** GNU assembler. */
    static final String X86_64_LISTING = """
            .intel_syntax noprefix
            # 3 is the socket; a message is up to 16 numbers of 4 bytes, with as many descriptors or none
                sub     rsp, 512
            receive:
                xor     edx, edx
                lea     rax, [rsp+64]       # struct iovec
                lea     rcx, [rsp+128]      # the numbers
                mov     [rax], rcx
                mov     qword ptr [rax+8], 64
                lea     rcx, [rsp+256]      # struct cmsghdr
                mov     [rsp], rdx          # struct msghdr
                mov     [rsp+8], rdx
                mov     [rsp+16], rax
                mov     qword ptr [rsp+24], 1
                mov     [rsp+32], rcx
                mov     qword ptr [rsp+40], 80
                mov     [rsp+48], rdx
                mov     edi, 3
                mov     rsi, rsp
                mov     eax, 47             # recvmsg
                syscall
                test    eax, eax
                js      receive
                xor     ebx, ebx            # bytes done
                mov     ebp, eax            # bytes of numbers
                cmp     qword ptr [rsp+40], 0
                je      drop
                mov     rbp, [rsp+256]      # cmsg_len
                sub     rbp, 16             # bytes of descriptors
            keep:
                cmp     ebx, ebp
                jae     receive
                mov     edi, [rsp+rbx+272]
                mov     esi, [rsp+rbx+128]
                xor     edx, edx
                mov     eax, 292            # dup3
                syscall
                mov     edi, [rsp+rbx+272]
                mov     eax, 3              # close
                syscall
                add     ebx, 4
                jmp     keep
            drop:
                cmp     ebx, ebp
                jae     receive
                mov     edi, [rsp+rbx+128]
                mov     eax, 3              # close
                syscall
                add     ebx, 4
                jmp     drop
            """;

    /** GNU assembler. */
    static final String AARCH64_LISTING = """
            // 3 is the socket; a message is up to 16 numbers of 4 bytes, with as many descriptors or none
                sub     sp, sp, #512
            receive:
                add     x9, sp, #64         // struct iovec
                add     x10, sp, #128       // the numbers
                add     x11, sp, #256       // struct cmsghdr
                mov     x12, #64
                stp     x10, x12, [x9]
                mov     x12, #1
                stp     xzr, xzr, [sp]      // struct msghdr
                stp     x9, x12, [sp, #16]
                mov     x12, #80
                stp     x11, x12, [sp, #32]
                str     xzr, [sp, #48]
                mov     x0, #3
                mov     x1, sp
                mov     x2, #0
                mov     x8, #212            // recvmsg
                svc     #0
                tbnz    x0, #63, receive
                mov     x19, #0             // bytes done
                mov     x20, x0             // bytes of numbers
                add     x21, sp, #128
                add     x22, sp, #272
                ldr     x12, [sp, #40]
                cbz     x12, drop
                ldr     x20, [sp, #256]     // cmsg_len
                sub     x20, x20, #16       // bytes of descriptors
            keep:
                cmp     x19, x20
                b.hs    receive
                ldr     w0, [x22, x19]
                ldr     w1, [x21, x19]
                mov     x2, #0
                mov     x8, #24             // dup3
                svc     #0
                ldr     w0, [x22, x19]
                mov     x8, #57             // close
                svc     #0
                add     x19, x19, #4
                b       keep
            drop:
                cmp     x19, x20
                b.hs    receive
                ldr     w0, [x21, x19]
                mov     x8, #57             // close
                svc     #0
                add     x19, x19, #4
                b       drop
            """;

    /** {@link #X86_64_LISTING} assembled. */
    private static final byte[] X86_64 = HexFormat.of().parseHex("""
            4881ec0002000031d2488d442440488d8c248000000048890848c74008400000
            00488d8c2400010000488914244889542408488944241048c744241801000000
            48894c242048c7442428500000004889542430bf030000004889e6b82f000000
            0f0585c078a131db89c548837c242800743a488bac24000100004883ed1039eb
            73858bbc1c100100008bb41c8000000031d2b8240100000f058bbc1c10010000
            b8030000000f0583c304ebd239eb0f8353ffffff8bbc1c80000000b803000000
            0f0583c304ebe5
            """.replaceAll("\\s", ""));

    /** {@link #AARCH64_LISTING} assembled. */
    private static final byte[] AARCH64 = HexFormat.of().parseHex("""
            ff0308d1e9030191ea030291eb0304910c0880d22a3100a92c0080d2ff7f00a9
            e93301a90c0a80d2eb3302a9ff1b00f9600080d2e1030091020080d2881a80d2
            010000d400feffb7130080d2f40300aaf5030291f6430491ec1740f9ec0100b4
            f48340f9944200d17f0214ebc2fcff54c06a73b8a16a73b8020080d2080380d2
            010000d4c06a73b8280780d2010000d473120091f5ffff177f0214eb42fbff54
            a06a73b8280780d2010000d473120091faffff17
            """.replaceAll("\\s", ""));

    private KeeperCode() {}

    static byte[] of(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> X86_64.clone();
            case AARCH64 -> AARCH64.clone();
        };
    }
}
