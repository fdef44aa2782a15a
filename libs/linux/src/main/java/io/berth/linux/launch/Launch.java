package io.berth.linux.launch;

import io.berth.linux.abi.Architecture;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.NativeArena;
import io.berth.linux.process.Pidfd;
import org.jspecify.annotations.Nullable;

/**
 * One launch whose child borrows this process's memory, on one platform thread. What it needs is one arena:
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
    static final int STACK_SIZE = 4096;
    private static final int STACK_ALIGNMENT = 16;

    private static final int PIDFD = 96;
    private static final int PID = 104;
    private static final int PROGRAM = 128;

    private final LaunchProgram program;
    private final LaunchOptions options;
    private final ProgramImage image;
    private final int stack;

    Launch(LaunchProgram program, LaunchOptions options) {
        this.program = program;
        this.options = options;
        this.image = ProgramImage.of(program, Architecture.CURRENT);
        this.stack = alignStack(PROGRAM + image.size());
    }

    static int alignStack(int offset) {
        return (offset + STACK_ALIGNMENT - 1) & -STACK_ALIGNMENT;
    }

    Launched run() {
        try (NativeArena arena = NativeArena.map(stack + STACK_SIZE)) {
            arena.write(
                    0,
                    CloneArguments.of(
                            options,
                            CloneArguments.CLONE_PIDFD | CloneArguments.CLONE_PARENT_SETTID,
                            arena.address(PIDFD),
                            arena.address(PID),
                            arena.address(stack),
                            STACK_SIZE));
            arena.write(PROGRAM, image.encode(arena.address(PROGRAM)));
            Rendezvous rendezvous = startRendezvous(arena);
            long pid;
            try {
                pid = Trampoline.call(arena.address(0), CloneArguments.SIZE, arena.address(PROGRAM));
            } finally {
                // The child has left this memory; nobody may use it once the arena is closed.
                if (rendezvous != null) {
                    rendezvous.finish();
                }
            }
            if (pid < 0) {
                throw LaunchException.refused("create process", "clone3", (int) -pid);
            }
            return LaunchOutcome.of(
                    program,
                    step -> arena.readLong(PROGRAM + image.resultOffset(step)),
                    Pidfd.own(Fd.own(arena.readInt(PIDFD), "pidfd of " + pid), (int) pid),
                    rendezvous == null ? null : rendezvous.failure());
        }
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
}
