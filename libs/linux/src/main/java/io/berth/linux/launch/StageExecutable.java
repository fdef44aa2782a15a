package io.berth.linux.launch;

import io.berth.linux.jna.Architecture;
import io.berth.linux.jna.SyscallNumber;
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
    /** The largest page size of either architecture: file offset and address must agree modulo the page size. */
    static final int DATA_FILE_OFFSET = 0x10000;

    private static final int HEADER_SIZE = 64;
    private static final int PROGRAM_HEADER_SIZE = 56;
    private static final int PROGRAM_HEADERS = 3;
    private static final int CODE_FILE_OFFSET = HEADER_SIZE + PROGRAM_HEADERS * PROGRAM_HEADER_SIZE;
    private static final short EM_X86_64 = 62;
    private static final short EM_AARCH64 = 183;
    private static final int PT_LOAD = 1;
    private static final int PT_GNU_STACK = 0x6474e551;
    private static final int EXECUTE = 1;
    private static final int WRITE = 2;
    private static final int READ = 4;

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
        int size = CODE_FILE_OFFSET + stage.length + code.length;
        ByteBuffer head = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        head.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0); // 64 bits, little-endian, version 1
        head.putShort((short) 2); // ET_EXEC
        head.putShort(architecture == Architecture.X86_64 ? EM_X86_64 : EM_AARCH64);
        head.putInt(1).putLong(CODE_ADDRESS + CODE_FILE_OFFSET); // entry point
        head.putLong(HEADER_SIZE).putLong(0).putInt(0); // program headers, no sections, no flags
        head.putShort((short) HEADER_SIZE).putShort((short) PROGRAM_HEADER_SIZE);
        head.putShort((short) PROGRAM_HEADERS)
                .putShort((short) 0)
                .putShort((short) 0)
                .putShort((short) 0);
        segment(head, PT_LOAD, READ | EXECUTE, 0, CODE_ADDRESS, size, size);
        int dataSize = PROGRAM + image.size();
        segment(
                head,
                PT_LOAD,
                READ | WRITE,
                DATA_FILE_OFFSET,
                DATA_ADDRESS,
                dataSize,
                stackOffset() + Launch.STACK_SIZE);
        segment(head, PT_GNU_STACK, READ | WRITE, 0, 0, 0, 0);
        return head.put(stage).put(code).array();
    }

    private static void segment(
            ByteBuffer head, int type, int flags, long fileOffset, long address, int fileSize, int memorySize) {
        head.putInt(type).putInt(flags).putLong(fileOffset).putLong(address).putLong(address);
        head.putLong(fileSize).putLong(memorySize).putLong(type == PT_LOAD ? DATA_FILE_OFFSET : 16);
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
