package io.berth.linux.launch;

import io.berth.linux.abi.Architecture;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.elf.ElfExecutable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A static ELF executable that does one launch with nothing of this JVM in its memory: some 200 bytes of code, and as its
 * data, at a fixed address, everything the launch needs:
 *
 * <pre>
 *   0  struct clone_args
 *  88  what clone3 returned
 *  96  the child's pid, written by the kernel
 * 128  two records of the stage's own: write all of this up to the end of the records to the report, and exit
 * 288  the program ({@link ProgramImage})
 *      the child's stack
 * </pre>
 *
 * <p>A pure function of its arguments, for either architecture.
 */
final class StageExecutable {
    static final int CLONE_RESULT = 88;
    static final int PID = 96;
    static final int PROGRAM = 288;

    private static final int OWN_RECORDS = 128;

    private static final long CODE_ADDRESS = 0x400000;
    static final long DATA_ADDRESS = 0x500000;
    static final int DATA_FILE_OFFSET = ElfExecutable.PAGE;

    private final Architecture architecture;
    private final LaunchProgram program;
    private final ProgramImage image;

    StageExecutable(LaunchProgram program, Architecture architecture) {
        this.program = program;
        this.architecture = architecture;
        this.image = ProgramImage.of(program, architecture);
    }

    /** The size of the report: the data up to the end of the records. */
    int reportSize() {
        return PROGRAM + program.steps().size() * ProgramImage.RECORD_SIZE;
    }

    int resultOffset(int step) {
        return PROGRAM + image.resultOffset(step);
    }

    /** The bytes at the beginning of the file: headers and code. */
    byte[] head() {
        byte[] stage = Trampoline.stageCode(architecture);
        byte[] code = Trampoline.code(architecture);
        ByteBuffer both =
                ByteBuffer.allocate(stage.length + code.length).put(stage).put(code);
        int dataSize = PROGRAM + image.size();
        return ElfExecutable.of(
                architecture,
                CODE_ADDRESS,
                both.array(),
                new ElfExecutable.Data(DATA_FILE_OFFSET, DATA_ADDRESS, dataSize, stackOffset() + Launch.STACK_SIZE));
    }

    private int stackOffset() {
        return Launch.alignStack(PROGRAM + image.size());
    }

    /**
     * The bytes at {@link #DATA_FILE_OFFSET}.
     *
     * @param report number of the descriptor that the stage writes its report to
     */
    byte[] data(LaunchOptions options, int report) {
        ByteBuffer data = ByteBuffer.allocate(PROGRAM + image.size()).order(ByteOrder.LITTLE_ENDIAN);
        data.put(
                0,
                CloneArguments.of(
                        options,
                        CloneArguments.CLONE_PARENT | CloneArguments.CLONE_PARENT_SETTID,
                        0,
                        DATA_ADDRESS + PID,
                        DATA_ADDRESS + stackOffset(),
                        Launch.STACK_SIZE));
        LaunchProgramBuilder own = LaunchProgram.builder();
        own.call(SyscallNumber.WRITE, FdArgument.number(report), Argument.of(DATA_ADDRESS), Argument.of(reportSize()));
        own.process().exit(0);
        data.put(OWN_RECORDS, ProgramImage.of(own.build(), architecture).encode(DATA_ADDRESS + OWN_RECORDS));
        data.put(PROGRAM, image.encode(DATA_ADDRESS + PROGRAM));
        return data.array();
    }
}
