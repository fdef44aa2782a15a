package io.berth.linux.launch;

import io.berth.linux.SyscallException;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.Architecture;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeArena;
import io.berth.linux.jna.SyscallNumber;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.process.ExitStatus;
import io.berth.linux.process.Pidfd;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One launch into namespaces by way of a stage: a process that first executes a tiny program from a file in memory
 * ({@link StageExecutable}), makes the child from there as this process's own ({@code CLONE_PARENT}), reports and exits.
 *
 * <p>So nobody in a container can get at this process through the child that is about to become its program:
 *
 * <ul>
 *   <li>the child's memory holds its launch program and nothing of this JVM;
 *   <li>its {@code /proc/self/exe} is the file in memory, which is used once. Otherwise it would be the host's Java binary,
 *       and an image whose program is {@code #!/proc/self/exe} could keep it and write to it later (CVE-2019-5736);
 *   <li>of this process's descriptors it has only those that its program names (CVE-2024-21626).
 * </ul>
 *
 * <p>It takes a few tenths of a millisecond more than {@link Launch}.
 */
final class StagedLaunch {
    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int F_SETFD = 2;
    private static final int F_ADD_SEALS = 1033;
    /** F_SEAL_SEAL, SHRINK, GROW and WRITE. */
    private static final int ALL_SEALS = 0xf;

    private static final int SEEK_SET = 0;

    private final LaunchProgram program;
    private final LaunchOptions options;
    private final StageExecutable executable;

    StagedLaunch(LaunchProgram program, LaunchOptions options) {
        this.program = program;
        this.options = options;
        this.executable = new StageExecutable(program, Architecture.CURRENT);
    }

    Launched run() {
        byte[] head = executable.head();
        try (NativeArena memory = NativeArena.map(StageExecutable.DATA_FILE_OFFSET);
                Fd report = memoryFile(memory, "berth-report");
                Fd file = memoryFile(memory, "berth-launch")) {
            write(memory, file, 0, head);
            write(memory, file, StageExecutable.DATA_FILE_OFFSET, executable.data(childOptions(), report.value()));
            LibC.call(SyscallNumber.FCNTL, "seals of " + file.description(), file.value(), F_ADD_SEALS, ALL_SEALS);
            Launched stage = new Launch(stageProgram(file, report), stageOptions()).run();
            ExitStatus ended;
            try (Pidfd pidfd = stage.pidfd()) {
                ended = pidfd.awaitExit(); // it sleeps until the child has become its program or failed
            }
            if (!ended.equals(new ExitStatus.Exited(0))) {
                throw LaunchException.died(stage.lastStep(), "the launching process ended early: " + ended, List.of());
            }
            return outcome(report);
        }
    }

    /**
     * Nobody in a user namespace may put a process into a cgroup of the host: the stage is made there, and the child of it
     * with it.
     */
    private LaunchOptions stageOptions() {
        return options.joinUserNamespace().isPresent() && options.cgroup().isPresent()
                ? LaunchOptions.inSameNamespaces().inCgroup(options.cgroup().get())
                : LaunchOptions.inSameNamespaces();
    }

    private LaunchOptions childOptions() {
        return options.joinUserNamespace().isPresent()
                ? LaunchOptions.inNewNamespaces(options.newNamespaces())
                : options;
    }

    private LaunchProgram stageProgram(Fd file, Fd report) {
        LaunchProgramBuilder stage = LaunchProgram.builder();
        options.joinPidNamespace()
                .ifPresent(namespace -> stage.named("join pid namespace of " + namespace.description())
                        .call(SyscallNumber.SETNS, FdArgument.of(namespace), Argument.of(Namespace.PID.cloneFlag())));
        Set<Fd> kept = descriptors();
        kept.add(report);
        options.cgroup().ifPresent(kept::add);
        for (Fd fd : kept) {
            stage.named("keep " + fd.description())
                    .call(SyscallNumber.FCNTL, FdArgument.of(fd), Argument.of(F_SETFD), Argument.of(0));
        }
        // After everything that takes the host's privileges. To be root by name too keeps the capabilities over the
        // exec.
        options.joinUserNamespace().ifPresent(namespace -> {
            stage.process().setns(FdArgument.of(namespace), Set.of(Namespace.USER));
            stage.credentials().setgroups();
            stage.credentials().setresgid(0);
            stage.credentials().setresuid(0);
        });
        stage.named("create process").process().execveat(FdArgument.of(file), List.of("berth-launch"), List.of());
        return stage.build();
    }

    /** Descriptors of this process that the program names. */
    private Set<Fd> descriptors() {
        Set<Fd> found = new LinkedHashSet<>();
        for (Step step : program.steps()) {
            step.arguments().forEach(argument -> collect(argument, found));
        }
        return found;
    }

    private static void collect(Argument argument, Set<Fd> found) {
        switch (argument) {
            case FdArgument.Open(Fd fd) -> found.add(fd);
            case Argument.Structure(Blob blob) -> blob.members().forEach(member -> collect(member.value(), found));
            default -> {
                // names no descriptor of this process
            }
        }
    }

    private Launched outcome(Fd report) {
        int size = executable.reportSize();
        try (NativeArena answer = NativeArena.map(size)) {
            LibC.call(SyscallNumber.LSEEK, report.description(), report.value(), 0, SEEK_SET);
            long read = LibC.call(SyscallNumber.READ, report.description(), report.value(), answer.address(0), size);
            if (read != size) {
                throw new IllegalStateException("launch report of " + read + " bytes (expected: " + size + ")");
            }
            long pid = answer.readLong(StageExecutable.CLONE_RESULT);
            if (pid < 0) {
                throw LaunchException.refused("create process", "clone3", (int) -pid);
            }
            // The number cannot have been given away: only this process reaps its children, each by its pidfd. The
            // stage
            // told it in its own pid namespace, which is this process's; clone3 returned it there too.
            Pidfd pidfd = Pidfd.open(answer.readInt(StageExecutable.PID));
            return LaunchOutcome.of(program, step -> answer.readLong(executable.resultOffset(step)), pidfd, null);
        }
    }

    private static Fd memoryFile(NativeArena memory, String name) {
        memory.write(0, (name + "\0").getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        long fd = LibC.call(SyscallNumber.MEMFD_CREATE, name, memory.address(0), MFD_CLOEXEC | MFD_ALLOW_SEALING);
        return Fd.own((int) fd, name);
    }

    private static void write(NativeArena memory, Fd file, int position, byte[] bytes) {
        LibC.call(SyscallNumber.LSEEK, file.description(), file.value(), position, SEEK_SET);
        for (int done = 0; done < bytes.length; ) {
            int length = Math.min(bytes.length - done, memory.size());
            memory.write(0, java.util.Arrays.copyOfRange(bytes, done, done + length));
            long written = LibC.call(SyscallNumber.WRITE, file.description(), file.value(), memory.address(0), length);
            if (written != length) {
                throw new SyscallException("write", file.description(), io.berth.linux.Errno.ENOSPC);
            }
            done += length;
        }
    }
}
