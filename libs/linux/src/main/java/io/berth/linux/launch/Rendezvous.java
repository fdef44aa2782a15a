package io.berth.linux.launch;

import io.berth.linux.Errno;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeArena;
import org.jspecify.annotations.Nullable;

/**
 * This process's part while a child waits: a thread of its own, since the launching one sleeps until the child has left
 * this memory. Words are told by their offsets in the launch's arena.
 */
final class Rendezvous {
    private static final int SIGKILL = 9;
    private static final int CHILD_GONE = -1;

    private final NativeArena arena;
    private final int ready;
    private final int go;
    private final int pid;
    private final int pidfd;
    private final ParentAction action;
    private final Thread thread;
    private volatile @Nullable Throwable failure;

    private Rendezvous(NativeArena arena, int ready, int go, int pid, int pidfd, ParentAction action) {
        this.arena = arena;
        this.ready = ready;
        this.go = go;
        this.pid = pid;
        this.pidfd = pidfd;
        this.action = action;
        this.thread = Thread.ofPlatform().name("launch-rendezvous").daemon().unstarted(this::run);
    }

    static Rendezvous start(NativeArena arena, int ready, int go, int pid, int pidfd, ParentAction action) {
        var rendezvous = new Rendezvous(arena, ready, go, pid, pidfd, action);
        rendezvous.thread.start();
        return rendezvous;
    }

    private void run() {
        try {
            if (awaitChild()) {
                action.act(arena.readInt(pid));
                arena.writeInt(go, 1);
                futex(go, LaunchProgramBuilder.FUTEX_WAKE_PRIVATE, 1);
            }
        } catch (Exception | Error e) {
            failure = e;
            // The launching thread is the only one to reap the child, and waits for this one first.
            LibC.callRaw(SyscallNumber.PIDFD_SEND_SIGNAL, arena.readInt(pidfd), SIGKILL, 0, 0);
        }
    }

    /** Whether the child waits, rather than having ended before it came to that. */
    private boolean awaitChild() {
        while (arena.readInt(ready) == 0) {
            futex(ready, LaunchProgramBuilder.FUTEX_WAIT_PRIVATE, 0);
        }
        return arena.readInt(ready) != CHILD_GONE;
    }

    /** Called by the launching thread when the child has left this memory; returns when nothing here uses it either. */
    void finish() {
        if (arena.readInt(ready) == 0) {
            arena.writeInt(ready, CHILD_GONE);
            futex(ready, LaunchProgramBuilder.FUTEX_WAKE_PRIVATE, 1);
        }
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Why this process's part failed; null when it did not. Settled once {@link #finish} has returned. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    private void futex(int word, int operation, int value) {
        // Every outcome is right: the caller looks at the word again.
        long result = LibC.callRaw(SyscallNumber.FUTEX, arena.address(word), operation, value, 0);
        if (result < 0 && result != -Errno.EAGAIN && result != -Errno.EINTR) {
            throw new io.berth.linux.SyscallException("futex", "launch", (int) -result);
        }
    }
}
