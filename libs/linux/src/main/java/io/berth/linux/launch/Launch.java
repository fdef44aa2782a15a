package io.berth.linux.launch;

import io.berth.linux.Errno;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.Architecture;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeArena;
import io.berth.linux.jna.SyscallNumber;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.process.ExitStatus;
import io.berth.linux.process.Pidfd;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One launch, on one platform thread. Its memory is one arena:
 *
 * <pre>
 *   0  struct clone_args
 *  96  the child's pidfd, written by the kernel
 * 104  the child's pid, written by the kernel
 * 128  the program ({@link ProgramImage})
 *      the child's stack, which only the kernel's entry code could ever use
 * </pre>
 */
final class Launch {
    private static final long CLONE_VM = 0x100;
    private static final long CLONE_PIDFD = 0x1000;
    private static final long CLONE_VFORK = 0x4000;
    private static final long CLONE_PARENT_SETTID = 0x100000;
    private static final long CLONE_CLEAR_SIGHAND = 0x1_0000_0000L;
    private static final long CLONE_INTO_CGROUP = 0x2_0000_0000L;
    private static final int SIGCHLD = 17;

    static final int CLONE_ARGS_SIZE = 88;
    private static final int PIDFD = 96;
    private static final int PID = 104;
    private static final int PROGRAM = 128;
    private static final int STACK_SIZE = 4096;
    private static final int STACK_ALIGNMENT = 16;

    private final LaunchProgram program;
    private final LaunchOptions options;
    private final ProgramImage image;
    private final int stack;

    Launch(LaunchProgram program, LaunchOptions options) {
        this.program = program;
        this.options = options;
        this.image = ProgramImage.of(program, Architecture.CURRENT);
        this.stack = (PROGRAM + image.size() + STACK_ALIGNMENT - 1) & -STACK_ALIGNMENT;
    }

    Launched run(Fd ownPidNamespace) {
        try (NativeArena arena = NativeArena.map(stack + STACK_SIZE)) {
            arena.write(0, cloneArguments(arena));
            arena.write(PROGRAM, image.encode(arena.address(PROGRAM)));
            Rendezvous rendezvous = startRendezvous(arena);
            long pid;
            try {
                pid = cloneChild(arena, ownPidNamespace);
            } finally {
                // The child has left this memory; nobody may use it once the arena is closed.
                if (rendezvous != null) {
                    rendezvous.finish();
                }
            }
            if (pid < 0) {
                throw LaunchException.refused("create process", "clone3", (int) -pid);
            }
            var pidfd = Pidfd.own(Fd.own(arena.readInt(PIDFD), "pidfd of " + pid), (int) pid);
            return outcome(arena, pidfd, rendezvous);
        }
    }

    private byte[] cloneArguments(NativeArena arena) {
        long flags = CLONE_VM
                | CLONE_VFORK
                | CLONE_PIDFD
                | CLONE_PARENT_SETTID
                | CLONE_CLEAR_SIGHAND
                | (options.cgroup().isPresent() ? CLONE_INTO_CGROUP : 0)
                | Namespace.cloneFlags(options.newNamespaces());
        return Blob.of("clone_args", CLONE_ARGS_SIZE)
                .putLong(0, flags)
                .putLong(8, arena.address(PIDFD))
                .putLong(24, arena.address(PID))
                .putLong(32, SIGCHLD)
                .putLong(40, arena.address(stack))
                .putLong(48, STACK_SIZE)
                .putLong(80, options.cgroup().map(Fd::value).orElse(0))
                .build()
                .bytes();
    }

    private @Nullable Rendezvous startRendezvous(NativeArena arena) {
        if (program.rendezvous().isEmpty() || options.whileWaiting().isEmpty()) {
            return null;
        }
        LaunchProgram.Rendezvous words = program.rendezvous().get();
        return Rendezvous.start(
                arena,
                PROGRAM + image.offset(words.ready()),
                PROGRAM + image.offset(words.go()),
                PID,
                PIDFD,
                options.whileWaiting().get());
    }

    private long cloneChild(NativeArena arena, Fd ownPidNamespace) {
        if (options.joinPidNamespace().isEmpty()) {
            return Trampoline.call(arena.address(0), CLONE_ARGS_SIZE, arena.address(PROGRAM));
        }
        Fd namespace = options.joinPidNamespace().get();
        long joined = joinPidNamespace(namespace);
        if (joined < 0) {
            throw LaunchException.refused("join pid namespace of " + namespace.description(), "setns", (int) -joined);
        }
        long pid = Trampoline.call(arena.address(0), CLONE_ARGS_SIZE, arena.address(PROGRAM));
        // Should this fail, the child is still to be looked after, and the thread is used for nothing else.
        joinPidNamespace(ownPidNamespace);
        return pid;
    }

    /** Concerns only where later children of this thread are born. */
    private static long joinPidNamespace(Fd namespace) {
        return LibC.callRaw(SyscallNumber.SETNS, namespace.value(), Namespace.PID.cloneFlag());
    }

    private Launched outcome(NativeArena arena, Pidfd pidfd, @Nullable Rendezvous rendezvous) {
        List<LaunchException.Failure> failures = new ArrayList<>();
        List<Step> steps = program.steps();
        for (int index = 0; index < steps.size(); index++) {
            Step step = steps.get(index);
            long result = arena.readLong(PROGRAM + image.resultOffset(index));
            if (result == ProgramImage.NOT_RUN) {
                boolean left = step.kind() == Step.Kind.EXEC || step.kind() == Step.Kind.EXIT;
                if (left) {
                    return new Launched(pidfd.pid(), pidfd, step);
                }
                throw diedDuring(step, failures, reap(pidfd), rendezvous);
            }
            if (result < 0 && result >= -Errno.MAX) {
                int errno = (int) -result;
                failures.add(new LaunchException.Failure(step, errno));
                if (!step.tolerates(errno)) {
                    reap(pidfd);
                    throw LaunchException.stepFailed(failures);
                }
            }
        }
        throw new IllegalStateException("program ran past its end: " + steps.getLast());
    }

    private static LaunchException diedDuring(
            Step step, List<LaunchException.Failure> failures, ExitStatus status, @Nullable Rendezvous rendezvous) {
        Throwable cause = rendezvous == null ? null : rendezvous.failure();
        if (cause != null) {
            return LaunchException.died(step, String.valueOf(cause.getMessage()), failures, cause);
        }
        String how = status instanceof ExitStatus.Signaled(int signal, boolean ignored)
                ? "killed by signal " + signal
                : "ended unexpectedly: " + status;
        return LaunchException.died(step, how, failures, null);
    }

    private static ExitStatus reap(Pidfd pidfd) {
        try (pidfd) {
            return pidfd.awaitExit();
        }
    }
}
