package io.berth.linux.launch;

import io.berth.linux.fd.Fd;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.jna.Architecture;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import io.berth.linux.jna.SyscallNumber;
import io.berth.linux.terminal.Pipe;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A small init for one launch: an executable in memory ({@link InitCode}) that becomes process 1 and makes the program its
 * child, and a pipe through which it tells whether the program could be executed.
 *
 * <p>Owns its descriptors. Used once: {@link #execute} in the launch program, after the launch {@link #awaitProgram}.
 */
public final class InitProcess implements AutoCloseable {
    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int F_SETFD = 2;
    private static final int F_ADD_SEALS = 1033;
    /** F_SEAL_SEAL, SHRINK, GROW and WRITE. */
    private static final int ALL_SEALS = 0xf;

    private static final String NAME = "docker-init";
    private static final List<String> OWN_ARGUMENTS = List.of("/sbin/docker-init", "--");

    private final Fd file;
    private final Pipe report;

    private InitProcess(Fd file, Pipe report) {
        this.file = file;
        this.report = report;
    }

    /**
     * Makes the executable.
     *
     * @param paths of the program inside the child's root, in the order to try
     */
    public static InitProcess of(List<String> paths) {
        Pipe report = Pipe.open("report of the init process");
        try {
            byte[] executable =
                    InitExecutable.of(Architecture.CURRENT, report.writer().value(), paths);
            return new InitProcess(memoryFile(executable), report);
        } catch (RuntimeException e) {
            report.close();
            throw e;
        }
    }

    @SuppressWarnings("resource") // the handle does not own the descriptor alone; it is returned
    private static Fd memoryFile(byte[] content) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            long opened = LibC.call(
                    SyscallNumber.MEMFD_CREATE, NAME, buffer.addString(NAME), MFD_CLOEXEC | MFD_ALLOW_SEALING);
            Fd fd = Fd.own((int) opened, NAME);
            try {
                new FileHandle(fd).write(content, 0, content.length);
                LibC.call(SyscallNumber.FCNTL, "seals of " + NAME, fd.value(), F_ADD_SEALS, ALL_SEALS);
                return fd;
            } catch (RuntimeException e) {
                fd.close();
                throw e;
            }
        }
    }

    /** Keeps the report open over the execution; after the step that closes everything. */
    public void keepReport(LaunchProgramBuilder program) {
        program.named("keep the report of the init process")
                .call(SyscallNumber.FCNTL, FdArgument.of(report.writer()), Argument.of(F_SETFD), Argument.of(0));
    }

    /** Becomes the init; the last step. */
    public void execute(LaunchProgramBuilder program, List<String> arguments, List<String> environment) {
        List<String> all = new ArrayList<>(OWN_ARGUMENTS);
        all.addAll(arguments);
        program.named("execute the init process").process().execveat(FdArgument.of(file), all, environment);
    }

    /**
     * Waits, without regard to interrupts, until the init has executed the program.
     *
     * @return zero, or the error for which it could not be executed; the init ends then
     */
    @SuppressWarnings("resource") // the reading end stays this object's
    public int awaitProgram() {
        report.writer().close();
        return CompletableFuture.supplyAsync(
                        this::readReport,
                        task -> Thread.ofPlatform().name("init-report").daemon().start(task))
                .join();
    }

    @SuppressWarnings("resource")
    private int readReport() {
        byte[] answer = new byte[Integer.BYTES];
        int read = new FileHandle(report.reader()).read(answer, 0, answer.length);
        return read < answer.length
                ? 0
                : Math.abs(
                        ByteBuffer.wrap(answer).order(ByteOrder.LITTLE_ENDIAN).getInt());
    }

    @Override
    public void close() {
        report.close();
        file.close();
    }
}
