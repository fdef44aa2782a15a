package io.berth.linux.launch;

import io.berth.linux.abi.Architecture;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.elf.ElfExecutable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A static ELF executable that does everything a process needs to be in a container, outside of the container's pid namespace,
 * and then makes the process by a copy of itself, inside. Its memory is:
 *
 * <pre>
 * 0x00400000  some 200 bytes of code, and at 0x500000 a list of system calls that makes it non-dumpable, maps the two files
 *             below, and closes them
 * 0x10000000  the stage's file, shared with this JVM and not copied to the process: what clone returned at 0, the process's
 *             number at 8 (written by the kernel), and from 64 on the steps before the process enters the namespace
 * 0x20000000  the process's file, shared with this JVM and the process: the steps after
 * </pre>
 *
 * <p>The process can be traced by others in the container, so what it writes is not to be trusted. It can reach nothing of the
 * stage: memory is a copy, the stage's file is not mapped in it, and no descriptor is open.
 *
 * <p>A pure function of its arguments, for either architecture.
 */
final class JoiningStage {
    static final int CLONE_RESULT = 0;
    static final int PID = 8;
    static final int STEPS = 64;

    /** What {@code clone} is called with: CLONE_PARENT, CLONE_PARENT_SETTID, CLONE_VFORK and SIGCHLD. */
    static final long CLONE_FLAGS = 0x10c011;

    private static final long CODE_ADDRESS = 0x400000;
    private static final long DATA_ADDRESS = 0x500000;
    private static final long STAGE_ADDRESS = 0x1000_0000;
    private static final long PROCESS_ADDRESS = 0x2000_0000;
    static final int DATA_FILE_OFFSET = ElfExecutable.PAGE;

    private static final int PR_SET_DUMPABLE = 4;
    private static final int READ_WRITE = 3;
    private static final int MAP_SHARED_FIXED = 0x11;
    private static final int MADV_DONTFORK = 10;

    private final Architecture architecture;
    private final ProgramImage stage;
    private final ProgramImage process;

    JoiningStage(LaunchProgram program, Architecture architecture) {
        this.architecture = architecture;
        this.stage = ProgramImage.returning(program.stepsBeforeEntry(), architecture);
        this.process = ProgramImage.ending(program.stepsAfterEntry(), architecture);
    }

    /** Offset in the stage's file of the result of a step before the entry. */
    int stageResult(int step) {
        return STEPS + stage.resultOffset(step);
    }

    /** Offset in the process's file of the result of a step after the entry. */
    int processResult(int step) {
        return process.resultOffset(step);
    }

    byte[] stageFile() {
        ByteBuffer file = ByteBuffer.allocate(STEPS + stage.size());
        return file.put(STEPS, stage.encode(STAGE_ADDRESS + STEPS)).array();
    }

    byte[] processFile() {
        return process.encode(PROCESS_ADDRESS);
    }

    /** The bytes at the beginning of the executable: headers and code. */
    byte[] head(byte[] data) {
        byte[] own = Trampoline.joiningCode(architecture);
        byte[] walker = Trampoline.code(architecture);
        byte[] code = ByteBuffer.allocate(own.length + walker.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(own)
                .put(walker)
                .array();
        return ElfExecutable.of(
                architecture,
                CODE_ADDRESS,
                code,
                new ElfExecutable.Data(DATA_FILE_OFFSET, DATA_ADDRESS, data.length, data.length));
    }

    /**
     * The bytes of the executable at {@link #DATA_FILE_OFFSET}.
     *
     * @param stageFile number of the stage's file when it is executed
     * @param processFile number of the process's
     */
    byte[] data(int stageFile, int processFile) {
        LaunchProgramBuilder list = LaunchProgram.builder();
        list.call(SyscallNumber.PRCTL, Argument.of(PR_SET_DUMPABLE), Argument.of(0));
        map(list, STAGE_ADDRESS, STEPS + stage.size(), stageFile);
        map(list, PROCESS_ADDRESS, process.size(), processFile);
        list.call(
                SyscallNumber.MADVISE,
                Argument.of(STAGE_ADDRESS),
                Argument.of(STEPS + stage.size()),
                Argument.of(MADV_DONTFORK));
        return ProgramImage.returning(list.steps(), architecture).encode(DATA_ADDRESS);
    }

    private static void map(LaunchProgramBuilder list, long address, int size, int file) {
        list.call(
                SyscallNumber.MMAP,
                Argument.of(address),
                Argument.of(size),
                Argument.of(READ_WRITE),
                Argument.of(MAP_SHARED_FIXED),
                FdArgument.number(file),
                Argument.of(0));
        list.files().close(FdArgument.number(file));
    }
}
