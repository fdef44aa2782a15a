package io.berth.linux.launch;

import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeArena;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Makes processes from launch programs. One per JVM is enough; thread-safe; any thread may call, virtual ones too, since
 * the work is done on platform threads that the launcher owns.
 *
 * <p><b>The child borrows its maker's memory</b> until it becomes its program, always with {@code CLONE_VFORK}: the maker
 * sleeps in the kernel so long. Hence a failure is read straight from memory, and that memory is free for reuse when the
 * call returns. The maker is this JVM, or for a child in namespaces of its own a stage ({@link StagedLaunch}), so that
 * processes of a container cannot get at this one through the child. A process that enters a pid namespace that others are in
 * borrows nothing and brings nothing: a stage outside of it does all the work ({@link JoiningLaunch}).
 *
 * <p>A child that waits for this process ({@link ProcessSteps#awaitParent}) does so on a word of this JVM's memory while
 * another thread acts, and so is never staged. Its user namespace protects this process: there it is no owner of anything.
 * Leaving {@code CLONE_VFORK} out instead would be wrong: only of a vforked child does the kernel know that the memory is
 * borrowed, so that setting its {@code oom_score_adj} leaves this process alone, and running out of the container's memory
 * does not kill this process along with it.
 *
 * <p>Signals: {@code CLONE_CLEAR_SIGHAND} makes sure that no handler of the JVM runs in the child, so there is no need
 * to block signals around the call. The mask is that of the launching thread until the program's
 * {@link ProcessSteps#resetSignals}.
 *
 * <p>Opening a launcher as root makes this process non-dumpable (the kernel does so anyway as soon as a child changes its
 * user), so that its memory may be opened only with CAP_SYS_PTRACE in the first user namespace. Core dumps of it are off.
 */
public final class Launcher implements AutoCloseable {
    /** Set-up that hangs, such as a mount of a dead server, holds one thread; the others go on. */
    private static final int MOST_LAUNCHES_AT_ONCE = 32;

    private static final int PR_SET_DUMPABLE = 4;
    private static final int SIGCHLD = 17;
    private static final int SIG_IGN = 1;
    private static final int SA_NOCLDWAIT = 2;
    private static final int SIGNAL_SET_SIZE = 8;

    private final ExecutorService threads;
    private final Semaphore places;

    private Launcher(ExecutorService threads, int atOnce) {
        this.threads = threads;
        this.places = new Semaphore(atOnce);
    }

    /**
     * Prepares this process to launch others.
     *
     * @throws SyscallException when machine code may not be mapped
     */
    public static Launcher open() {
        return open(MOST_LAUNCHES_AT_ONCE);
    }

    /**
     * The same.
     *
     * @param atOnce how many launches may be under way; others wait
     */
    public static Launcher open(int atOnce) {
        protectMemory();
        keepChildrenForReaping();
        // Whoever has been idle for the shortest time is next: where launches come one after another, one thread does
        // all, its memory in the processor's caches. A pool with a queue would have them go round.
        var threads = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), LaunchThread::new);
        return new Launcher(threads, atOnce);
    }

    private static void protectMemory() {
        if (LibC.call(SyscallNumber.GETUID, "") == 0) {
            LibC.call(SyscallNumber.PRCTL, "PR_SET_DUMPABLE", PR_SET_DUMPABLE, 0);
        }
    }

    /** A parent that ignores SIGCHLD, which it may have inherited, never learns how its children ended. */
    private static void keepChildrenForReaping() {
        try (NativeArena actions = NativeArena.map(128)) {
            LibC.call(SyscallNumber.RT_SIGACTION, "SIGCHLD", SIGCHLD, 0, actions.address(64), SIGNAL_SET_SIZE);
            long handler = actions.readLong(64);
            long flags = actions.readLong(72);
            if (handler == SIG_IGN || (flags & SA_NOCLDWAIT) != 0) {
                LibC.call(SyscallNumber.RT_SIGACTION, "SIGCHLD", SIGCHLD, actions.address(0), 0, SIGNAL_SET_SIZE);
            }
        }
    }

    /**
     * Makes a child that carries out the program, and returns when it has become the program it executes (or, for a
     * program without one, has exited). Waits without regard to interrupts, for a few milliseconds unless a step hangs.
     *
     * @throws LaunchException when a step fails or the child cannot be made; nothing is left behind then
     * @throws IllegalArgumentException when the program waits for an action, or enters a pid namespace, that the options lack, or
     *     the reverse
     */
    public Launched launch(LaunchProgram program, LaunchOptions options) {
        if (program.awaitsParent() != options.whileWaiting().isPresent()) {
            throw new IllegalArgumentException(
                    program.awaitsParent()
                            ? "the program waits, but nothing is given to do meanwhile"
                            : "something is given to do while the program waits, but it does not wait");
        }
        if (program.entersPidNamespace() != options.joinPidNamespace().isPresent()) {
            throw new IllegalArgumentException(
                    program.entersPidNamespace()
                            ? "the program enters a pid namespace, but none is given"
                            : "a pid namespace is given to join, but the program does not enter it");
        }
        return call(() -> run(program, options));
    }

    private static Launched run(LaunchProgram program, LaunchOptions options) {
        if (options.joinPidNamespace().isPresent()) {
            return new JoiningLaunch(program, options).run();
        }
        return staged(options) ? new StagedLaunch(program, options).run() : new Launch(program, options).run();
    }

    /**
     * Does what leads to a launch, and may hang in the kernel like it, on one of the launcher's threads; launches in it happen on
     * the same one. A virtual thread that hung there itself would keep its carrier from all others. Waits without regard to
     * interrupts.
     */
    public <T> T call(Supplier<T> work) {
        if (Thread.currentThread() instanceof LaunchThread) {
            return work.get();
        }
        places.acquireUninterruptibly();
        try {
            return await(CompletableFuture.supplyAsync(work, threads));
        } finally {
            places.release();
        }
    }

    /** A thread of a launcher. */
    private static final class LaunchThread extends Thread {
        private static final AtomicInteger NUMBER = new AtomicInteger();

        LaunchThread(Runnable work) {
            super(work, "launch-" + NUMBER.getAndIncrement());
            setDaemon(true);
        }
    }

    private static boolean staged(LaunchOptions options) {
        boolean isolated = options.joinUserNamespace().isPresent()
                || !options.newNamespaces().isEmpty();
        return isolated && options.whileWaiting().isEmpty();
    }

    private static <T> T await(CompletableFuture<T> launch) {
        try {
            return launch.join(); // does not react to interrupts: a child made meanwhile would be lost
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw e;
            }
        }
    }

    /** Launches under way finish; new ones are refused. */
    @Override
    public void close() {
        threads.close();
    }
}
