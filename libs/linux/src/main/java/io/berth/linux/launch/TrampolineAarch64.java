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
            done:
                ret
            next:
                ldp     x8, x0, [x9]
                ldp     x1, x2, [x9, #16]
                ldp     x3, x4, [x9, #32]
                ldr     x5, [x9, #48]
                tbnz    x8, #63, done       // a negative number ends a list: back to who called it
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
            e90302aa683680d2010000d4400000b4c0035fd6280140a9210941a9231142a9
            251940f968ffffb7010000d4202500f91ffc3fb1e20000542a1d40f92a0100b4
            4b0140f9400100f9ea030baafcffff17e00300cb2a2140f94a25c09a6a000036
            29410191ecffff17e00f80d2c80b80d2010000d4000020d4
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
            800080d2010080d2e81480d2010000d4000aa0d2010b80d20280049105000094
            090aa0d2202d00f92901029106000014
            """.replaceAll("\\s", ""));

    /**
     * GNU assembler: what the {@link JoiningStage} begins with; {@link #LISTING} follows directly. Addresses are those that are
     * described there.
     */
    static final String JOINING_LISTING = """
                mov     x9, #0x500000       // the list that maps the others
                bl      next
                mov     x9, #0x10000000
                add     x9, x9, #0x40       // the stage's list
                bl      next
                mov     x0, #0xc011         // CLONE_PARENT | CLONE_VFORK | SIGCHLD
                movk    x0, #0x10, lsl #16  // CLONE_PARENT_SETTID
                mov     x1, #0              // a copy of this stack
                mov     x2, #0x10000000
                add     x2, x2, #8          // where the kernel stores the process's number
                mov     x3, #0
                mov     x4, #0
                mov     x8, #220            // clone
                svc     #0
                cbz     x0, process
                mov     x9, #0x10000000
                str     x0, [x9]
                mov     x0, #0
                mov     x8, #94             // exit_group
                svc     #0
                brk     #0                  // a filter may refuse even that
            process:
                mov     x9, #0x20000000     // the process's own list
                b       next
            """;

    /** {@link #JOINING_LISTING} assembled. */
    static final byte[] JOINING_CODE = HexFormat.of().parseHex("""
            090aa0d21b0000940900a2d22901019118000094200298d20002a0f2010080d2
            0200a2d242200091030080d2040080d2881b80d2010000d4e00000b40900a2d2
            200100f9000080d2c80b80d2010000d4000020d40900a4d206000014
            """.replaceAll("\\s", ""));

    private TrampolineAarch64() {}
}
