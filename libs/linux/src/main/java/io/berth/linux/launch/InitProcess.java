package io.berth.linux.launch;

import io.berth.linux.abi.Architecture;
import io.berth.linux.fd.Fd;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.jna.NativeArena;
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
            try (NativeArena buffer = NativeArena.map(executable.length)) {
                MemoryFile file = MemoryFile.create(buffer, NAME);
                try {
                    file.write(0, executable).seal(MemoryFile.ALL_SEALS);
                    return new InitProcess(file.fd(), report);
                } catch (RuntimeException e) {
                    file.close();
                    throw e;
                }
            }
        } catch (RuntimeException e) {
            report.close();
            throw e;
        }
    }

    /** Keeps the report open over the execution; after the step that closes everything. */
    public void keepReport(LaunchProgramBuilder program) {
        MemoryFile.keep(program, List.of(report.writer()));
    }

    /** What is to be open when it is executed. */
    public List<Fd> descriptors() {
        return List.of(file, report.writer());
    }

    /** Becomes the init; the last step. */
    public void execute(LaunchProgramBuilder program, List<String> arguments, List<String> environment) {
        List<String> all = new ArrayList<>(OWN_ARGUMENTS);
        all.addAll(arguments);
        program.named("execute the init process").process().execveat(FdArgument.of(file), all, environment);
    }

    /**
     * Waits, without regard to interrupts, until the init has executed the program; but not for ever, since another container in
     * the same pid namespace may have taken the pipe's end, or stopped the init.
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
        if (!Readiness.await(report.reader(), JoiningLaunch.PATIENCE)) {
            return 0;
        }
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
