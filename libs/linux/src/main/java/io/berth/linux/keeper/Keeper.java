package io.berth.linux.keeper;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.Architecture;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.launch.Argument;
import io.berth.linux.launch.Blob;
import io.berth.linux.launch.FdArgument;
import io.berth.linux.launch.LaunchOptions;
import io.berth.linux.launch.LaunchProgram;
import io.berth.linux.launch.LaunchProgramBuilder;
import io.berth.linux.launch.Launched;
import io.berth.linux.launch.Launcher;
import io.berth.linux.process.Pidfd;
import io.berth.linux.process.ProcessIdentity;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A process that holds open files by numbers of this one's choice, and otherwise sleeps: an executable of some 320 bytes that
 * exists only in memory. When this process dies, the files stay open; the next one finds the keeper by its identity and takes
 * copies (pidfd_getfd(2)).
 *
 * <p>What the kernel drops with the last open file is thereby kept: the content of pipes, the master side of terminals, and,
 * with a pidfd, how a process ended (Linux 6.15).
 *
 * <p>Thread-safe. Telling the keeper is one system call and does not wait for it; messages are obeyed in order. It holds as
 * many files as {@code RLIMIT_NOFILE} of its maker said.
 */
public final class Keeper implements AutoCloseable {
    /** The lowest number that may be used; the ones below are the keeper's own. */
    public static final int FIRST_NUMBER = 64;

    private static final int SOCKET = 3;
    /** The keeper holds the sending end as well, so that another process than its maker can send. */
    private static final int SENDING_END = 4;

    private static final int MFD_CLOEXEC = 1;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int SIGKILL = 9;
    private static final String NAME = "berth-keeper";

    private final Pidfd process;
    private final ProcessIdentity identity;
    private final Fd socket;

    private Keeper(Pidfd process, ProcessIdentity identity, Fd socket) {
        this.process = process;
        this.identity = identity;
        this.socket = socket;
    }

    /** Starts one that holds nothing yet. */
    public static Keeper start(Launcher launcher) {
        try (KeeperSocket pair = KeeperSocket.open()) {
            Launched launched = launcher.launch(
                    program(FdArgument.of(pair.keepers()), FdArgument.of(pair.ours())),
                    LaunchOptions.inSameNamespaces());
            Pidfd process = launched.pidfd();
            ProcessIdentity identity = process.identity()
                    .orElseThrow(() -> new IllegalStateException("keeper " + launched.pid() + " ended at once"));
            return new Keeper(process, identity, pair.ours().duplicate());
        }
    }

    /** Finds one that another process started; empty when it has ended. */
    public static Optional<Keeper> find(ProcessIdentity identity) {
        Optional<Pidfd> found = Pidfd.open(identity);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Pidfd process = found.get();
        try {
            return Optional.of(new Keeper(process, identity, process.copyDescriptor(SENDING_END, "keeper's socket")));
        } catch (SyscallException e) {
            process.close();
            return Optional.empty();
        }
    }

    /** What to keep to find it again. */
    public ProcessIdentity identity() {
        return identity;
    }

    /** Tells when it ends. */
    public Pidfd process() {
        return process;
    }

    /**
     * Has files kept; they stay open here too.
     *
     * @param first number of the first of them there, the others follow
     * @throws SyscallException EPIPE or ECONNRESET when the keeper has ended
     */
    public void keep(int first, List<Fd> files) {
        KeeperSocket.send(socket, numbers(first, files.size()), files);
    }

    /**
     * Has files closed there; numbers that are not in use do no harm.
     *
     * @throws SyscallException EPIPE or ECONNRESET when the keeper has ended
     */
    public void drop(int first, int count) {
        KeeperSocket.send(socket, numbers(first, count), List.of());
    }

    private static int[] numbers(int first, int count) {
        if (first < FIRST_NUMBER) {
            throw new IllegalArgumentException("number: " + first + " (expected: >= " + FIRST_NUMBER + ")");
        }
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = first + i;
        }
        return numbers;
    }

    /** A copy of a kept file; empty when it keeps none by that number. */
    public Optional<Fd> copy(int number, String description) {
        try {
            return Optional.of(process.copyDescriptor(number, description));
        } catch (SyscallException e) {
            if (e.errno() == Errno.EBADF || e.errno() == Errno.ESRCH) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * What it keeps: number to what {@code /proc/<pid>/fd} says of the file, a path or a description in brackets.
     *
     * @throws IOException when it has ended
     */
    public NavigableMap<Integer, String> kept() throws IOException {
        NavigableMap<Integer, String> kept = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc/" + identity.pid() + "/fd"))) {
            for (Path entry : entries) {
                int number = Integer.parseInt(entry.getFileName().toString());
                if (number >= FIRST_NUMBER) {
                    try {
                        kept.put(number, Files.readSymbolicLink(entry).toString());
                    } catch (NoSuchFileException _) {
                        // Given up since it was listed.
                    }
                }
            }
        }
        return kept;
    }

    /** Ends the keeper, and with it what it alone keeps. */
    public void end() {
        process.sendSignal(SIGKILL);
        try {
            Object _ = process.awaitExit();
        } catch (SyscallException e) {
            if (e.errno() != Errno.ECHILD) { // another process's child is that one's, or init's, to reap
                throw e;
            }
        }
    }

    /** Lets go of the keeper, which goes on. */
    @Override
    public void close() {
        socket.close();
        process.close();
    }

    private static LaunchProgram program(FdArgument receiving, FdArgument sending) {
        LaunchProgramBuilder program = LaunchProgram.builder();
        program.process().setsid();
        program.files().chdir("/");
        byte[] executable = KeeperExecutable.of(Architecture.CURRENT);
        FdArgument file = program.named("make the keeper's file")
                .call(SyscallNumber.MEMFD_CREATE, Argument.of(NAME), Argument.of(MFD_CLOEXEC));
        program.named("write the keeper")
                .call(
                        SyscallNumber.WRITE,
                        file,
                        new Argument.Structure(Blob.of("keeper", executable)),
                        Argument.of(executable.length));
        // Any of them may have the very number that another is to have.
        FdArgument safeFile = move(program, file);
        FdArgument safeReceiving = move(program, receiving);
        FdArgument safeSending = move(program, sending);
        program.files().closeOnExecFrom(0);
        program.files().dup3(safeReceiving, SOCKET, 0);
        program.files().dup3(safeSending, SENDING_END, 0);
        program.process().resetSignals();
        program.process().execveat(safeFile, List.of(NAME), List.of());
        return program.build();
    }

    private static FdArgument move(LaunchProgramBuilder program, FdArgument file) {
        return program.named("move a descriptor out of the way")
                .call(SyscallNumber.FCNTL, file, Argument.of(F_DUPFD_CLOEXEC), Argument.of(SENDING_END + 1));
    }
}
