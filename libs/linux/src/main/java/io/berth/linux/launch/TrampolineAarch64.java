package io.berth.linux.launch;

import java.util.HexFormat;

/**
 * The code that walks a launch program, for aarch64. It is position-independent and uses no stack.
 *
 * <p>In the parent it returns what {@code clone3} returned: a process id or a negated error number. In the child it
 * never returns. A test assembles the listings and compares the results with the code.
 */
final class TrampolineAarch64 {
    /** GNU assembler. Records are described at {@link ProgramImage}. */
    static final String LISTING = """
            // x0 = struct clone_args, x1 = its size, x2 = the first record
                mov     x9, x2              // x9 = this record: the kernel preserves all registers but x0
                mov     x8, #435            // clone3
                svc     #0
                cbz     x0, next
                ret
            next:
                ldp     x8, x0, [x9]
                ldp     x1, x2, [x9, #16]
                ldp     x3, x4, [x9, #32]
                ldr     x5, [x9, #48]
                svc     #0
                str     x0, [x9, #72]       // so that the parent can tell how far the child came
                cmn     x0, #4095           // carry for -4095 to -1, which are error numbers
                b.cs    failed
                ldr     x10, [x9, #56]      // the first place that receives the result
            store:
                cbz     x10, advance
                ldr     x11, [x10]          // the next such place
                str     x0, [x10]
                mov     x10, x11
                b       store
            failed:
                neg     x0, x0
                ldr     x10, [x9, #64]
                lsr     x10, x10, x0        // the shift is taken modulo 64
                tbz     x10, #0, stop
            advance:
                add     x9, x9, #80
                b       next
            stop:
                mov     x0, #127
                mov     x8, #94             // exit_group
                svc     #0
                brk     #0
            """;

    /** {@link #LISTING} assembled: the bytes in memory order. */
    static final byte[] CODE = HexFormat.of().parseHex("""
            e90302aa 683680d2 010000d4 400000b4 c0035fd6
            280140a9 210941a9 231142a9 251940f9 010000d4
            202500f9 1ffc3fb1 e2000054 2a1d40f9
            2a0100b4 4b0140f9 400100f9 ea030baa fcffff17
            e00300cb 2a2140f9 4a25c09a 6a000036
            29410191 edffff17
            e00f80d2 c80b80d2 010000d4 000020d4
            """.replaceAll("\\s", ""));

    /**
     * GNU assembler: what the {@link StageExecutable} begins with; {@link #LISTING} follows directly. Addresses are those of
     * the executable's data, described there.
     */
    static final String STAGE_LISTING = """
                mov     x0, #4              // PR_SET_DUMPABLE
                mov     x1, #0
                mov     x8, #167            // prctl
                svc     #0
                mov     x0, #0x500000       // struct clone_args
                mov     x1, #88
                add     x2, x0, #288        // the program's first record
                bl      trampoline
                mov     x9, #0x500000
                str     x0, [x9, #88]
                add     x9, x9, #128        // the stage's own records: report, exit
                b       next
            trampoline:
            """;

    /** {@link #STAGE_LISTING} assembled. */
    static final byte[] STAGE_CODE = HexFormat.of().parseHex("""
            800080d2 010080d2 e81480d2 010000d4
            000aa0d2 010b80d2 02800491 05000094
            090aa0d2 202d00f9 29010291 06000014
            """.replaceAll("\\s", ""));

    private TrampolineAarch64() {}
}
