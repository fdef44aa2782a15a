package io.berth.linux.launch;

import io.berth.linux.Errno;
import io.berth.linux.abi.Architecture;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.NativeArena;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.process.ExitStatus;
import io.berth.linux.process.Pidfd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * One launch into a pid namespace that others are in, who may be hostile and hold CAP_SYS_PTRACE. A stage does everything
 * ({@link JoiningStage}): it is a process of this one's pid namespace, where they cannot see it, with memory of its own that is
 * not dumpable and belongs to the first user namespace. When nothing of the host is left in it, it makes the process, which only
 * has to execute its program.
 *
 * <p>What the process itself reports may come from whoever traces it: it can make a launch fail, or end as something else than
 * it began, which it could anyway; it cannot keep this JVM waiting, and whatever fails is killed and reaped.
 */
final class JoiningLaunch {
    /** To execute a program takes milliseconds; a stopped or traced process may take for ever. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int SIGKILL = 9;
    private static final int BUFFER_SIZE = 1 << 16;

    private final LaunchProgram program;
    private final LaunchOptions options;
    private final JoiningStage stage;
    private final List<LaunchException.Failure> failures = new ArrayList<>();

    JoiningLaunch(LaunchProgram program, LaunchOptions options) {
        this.program = program;
        this.options = options;
        this.stage = new JoiningStage(program, Architecture.CURRENT);
    }

    Launched run() {
        try (NativeArena buffer = NativeArena.map(BUFFER_SIZE);
                MemoryFile stageFile = MemoryFile.create(buffer, "berth-stage");
                MemoryFile processFile = MemoryFile.create(buffer, "berth-process");
                MemoryFile executable = MemoryFile.create(buffer, "berth-launch")) {
            stageFile.write(0, stage.stageFile()).seal(MemoryFile.SIZE_SEALS);
            processFile.write(0, stage.processFile()).seal(MemoryFile.SIZE_SEALS);
            byte[] data = stage.data(stageFile.fd().value(), processFile.fd().value());
            executable
                    .write(0, stage.head(data))
                    .write(JoiningStage.DATA_FILE_OFFSET, data)
                    .seal(MemoryFile.ALL_SEALS);
            Launched launched =
                    new Launch(stageProgram(executable.fd(), stageFile.fd(), processFile.fd()), stageOptions()).run();
            try (Pidfd running = launched.pidfd();
                    NativeArena stageMemory = NativeArena.map(
                            stage.stageResult(program.stepsBeforeEntry().size()))) {
                ExitStatus ended = awaitStage(running, stageFile, stageMemory);
                stageFile.read(stageMemory, stageMemory.size());
                return outcome(stageMemory, ended, processFile);
            }
        }
    }

    /** The stage is made in the cgroup, and the process with it. */
    private LaunchOptions stageOptions() {
        LaunchOptions stage = LaunchOptions.inSameNamespaces();
        return options.cgroup().map(stage::inCgroup).orElse(stage);
    }

    private LaunchProgram stageProgram(Fd executable, Fd stageFile, Fd processFile) {
        LaunchProgramBuilder list = LaunchProgram.builder();
        Fd joined = options.joinPidNamespace().orElseThrow();
        list.named("join pid namespace of " + joined.description())
                .call(SyscallNumber.SETNS, FdArgument.of(joined), Argument.of(Namespace.PID.cloneFlag()));
        if (!options.newNamespaces().isEmpty()) {
            list.process().unshare(options.newNamespaces());
        }
        Set<Fd> kept = program.descriptors();
        kept.add(stageFile);
        kept.add(processFile);
        MemoryFile.keep(list, kept);
        list.named("create process").process().execveat(FdArgument.of(executable), List.of("berth-launch"), List.of());
        return list.build();
    }

    /** Waits until the stage has ended, which sleeps until the process has become its program; not for ever once there is one. */
    private ExitStatus awaitStage(Pidfd running, MemoryFile stageFile, NativeArena memory) {
        while (!Readiness.await(running.fd(), PATIENCE)) {
            stageFile.read(memory, JoiningStage.STEPS);
            int pid = memory.readInt(JoiningStage.PID);
            if (pid > 0) {
                kill(Pidfd.open(pid));
                Object _ = running.awaitExit();
                throw LaunchException.died(
                        program.steps().getLast(), "not done within " + PATIENCE.toSeconds() + " s", failures);
            }
        }
        return running.awaitExit();
    }

    private Launched outcome(NativeArena report, ExitStatus ended, MemoryFile processFile) {
        LaunchOutcome.walk(
                program.stepsBeforeEntry(),
                step -> report.readLong(stage.stageResult(step)),
                failures,
                () -> ended,
                null);
        long result = report.readLong(JoiningStage.CLONE_RESULT);
        int pid = report.readInt(JoiningStage.PID);
        if (result < 0) {
            throw LaunchException.refused("create process", "clone", (int) -result);
        }
        if (pid <= 0) {
            throw LaunchException.died(
                    program.stepsAfterEntry().getFirst(), "the launching process ended early: " + ended, failures);
        }
        // The number cannot have been given away: only this process reaps its children, each by its pidfd. The kernel
        // told it
        // as the stage's pid namespace has it, which is this process's.
        Pidfd pidfd = Pidfd.open(pid);
        if (result == 0) {
            kill(pidfd);
            throw LaunchException.died(
                    program.stepsAfterEntry().getFirst(), "the launching process ended early: " + ended, failures);
        }
        return launched(pidfd, processFile);
    }

    private Launched launched(Pidfd pidfd, MemoryFile processFile) {
        List<Step> steps = program.stepsAfterEntry();
        try (NativeArena report = NativeArena.map(stage.processResult(steps.size()))) {
            processFile.read(report, report.size());
            Step last = LaunchOutcome.walk(
                    steps,
                    step -> plausible(steps.get(step), report.readLong(stage.processResult(step))),
                    failures,
                    () -> kill(pidfd),
                    null);
            if (last == null) {
                kill(pidfd);
                throw LaunchException.died(steps.getLast(), "ended unexpectedly", failures);
            }
            return new Launched(pidfd.pid(), pidfd, last);
        }
    }

    /** What a process may report: that it has not come to a step, how it failed, or that a step which returns has been done. */
    private static long plausible(Step step, long result) {
        boolean error = result < 0 && result >= -Errno.MAX;
        boolean done = result >= 0 && step.kind() != Step.Kind.EXEC && step.kind() != Step.Kind.EXIT;
        return error || done ? result : ProgramImage.NOT_RUN;
    }

    private static ExitStatus kill(Pidfd pidfd) {
        try (pidfd) {
            pidfd.sendSignal(SIGKILL);
            return pidfd.awaitExit();
        }
    }
}
