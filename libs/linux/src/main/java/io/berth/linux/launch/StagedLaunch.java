package io.berth.linux.launch;

import io.berth.linux.abi.Architecture;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.NativeArena;
import io.berth.linux.process.ExitStatus;
import io.berth.linux.process.Pidfd;
import java.util.List;
import java.util.Set;

/**
 * One launch into new namespaces by way of a stage: a process that first executes a tiny program from a file in memory
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
 * <p>Never for a pid namespace that others are in ({@link JoiningLaunch}): while the child works, it has much that they could
 * take. It takes a few tenths of a millisecond more than {@link Launch}.
 */
final class StagedLaunch {
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
                MemoryFile report = MemoryFile.create(memory, "berth-report");
                MemoryFile file = MemoryFile.create(memory, "berth-launch")) {
            file.write(0, head)
                    .write(
                            StageExecutable.DATA_FILE_OFFSET,
                            executable.data(childOptions(), report.fd().value()))
                    .seal(MemoryFile.ALL_SEALS);
            Launched stage = new Launch(stageProgram(file.fd(), report.fd()), stageOptions()).run();
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
        Set<Fd> kept = program.descriptors();
        kept.add(report);
        options.cgroup().ifPresent(kept::add);
        MemoryFile.keep(stage, kept);
        // After everything that takes the host's privileges.
        options.joinUserNamespace()
                .ifPresent(namespace -> stage.process().enterUserNamespace(FdArgument.of(namespace)));
        stage.named("create process").process().execveat(FdArgument.of(file), List.of("berth-launch"), List.of());
        return stage.build();
    }

    private Launched outcome(MemoryFile report) {
        try (NativeArena answer = NativeArena.map(executable.reportSize())) {
            report.read(answer, answer.size());
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
}
