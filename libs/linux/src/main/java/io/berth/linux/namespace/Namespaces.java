package io.berth.linux.namespace;

import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.process.Pidfd;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/**
 * Namespaces held by descriptors: they live for as long as a process is in them or a descriptor is open, and leave nothing
 * in the file system.
 *
 * <p>Threads belong to namespaces, so work inside one is done on a platform thread made for it that then ends.
 */
public final class Namespaces {

    private Namespaces() {}

    /**
     * Makes a namespace that nobody is in.
     *
     * @param kind one that a thread of a multi-threaded process may have for itself: NETWORK, UTS, IPC or CGROUP
     * @throws SyscallException EPERM, ENOSPC (more than {@code /proc/sys/user/max_*_namespaces})
     */
    public static Fd create(Namespace kind) {
        return create(kind, namespace -> namespace);
    }

    /**
     * Makes a namespace and runs work inside it, on one thread.
     *
     * @param kind one that a thread of a multi-threaded process may have for itself: NETWORK, UTS, IPC or CGROUP
     * @param work becomes the owner of the descriptor; it is closed when the work fails. Must not start threads that outlive it
     * @return what the work returns
     * @throws SyscallException EPERM, ENOSPC (more than {@code /proc/sys/user/max_*_namespaces})
     */
    public static <T> T create(Namespace kind, Function<Fd, T> work) {
        requireThreadWise(kind);
        return onThreadOfItsOwn("make-" + kind.fileName() + "-namespace", () -> {
            LibC.call(SyscallNumber.UNSHARE, kind.fileName(), kind.cloneFlag());
            Fd made = Fd.open("/proc/thread-self/ns/" + kind.fileName(), "new " + kind.fileName() + " namespace");
            try {
                return work.apply(made);
            } catch (RuntimeException e) {
                made.close();
                throw e;
            }
        });
    }

    /**
     * Opens a process's namespace.
     *
     * @throws SyscallException ENOENT or ESRCH when the process has ended
     */
    public static Fd open(Pidfd process, Namespace kind) {
        Fd fd = Fd.open(
                "/proc/" + process.pid() + "/ns/" + kind.fileName(),
                kind.fileName() + " namespace of " + process.pid());
        // The number may have been another process's by now; if the one meant still has it, it had it then.
        if (process.identity().isPresent()) {
            return fd;
        }
        fd.close();
        throw new SyscallException("openat", fd.description(), io.berth.linux.Errno.ESRCH);
    }

    /** Opens this process's own namespace. */
    public static Fd openOwn(Namespace kind) {
        return Fd.open("/proc/self/ns/" + kind.fileName(), "own " + kind.fileName() + " namespace");
    }

    /**
     * Runs work inside a namespace, for example to open a socket that belongs to it.
     *
     * @param kind NETWORK, UTS, IPC or CGROUP
     * @param work must not start threads that outlive it, which would be in the namespace too
     * @return what the work returns
     * @throws SyscallException when the namespace cannot be joined
     */
    public static <T> T callIn(Fd namespace, Namespace kind, Callable<T> work) {
        requireThreadWise(kind);
        return onThreadOfItsOwn("in-" + kind.fileName() + "-namespace", () -> {
            LibC.call(SyscallNumber.SETNS, namespace.description(), namespace.value(), kind.cloneFlag());
            return work.call();
        });
    }

    private static void requireThreadWise(Namespace kind) {
        switch (kind) {
            case NETWORK, UTS, IPC, CGROUP -> {
                // these concern a thread alone
            }
            case MOUNT, USER, PID, TIME ->
                throw new IllegalArgumentException(
                        "a thread cannot have a " + kind.fileName() + " namespace for itself; launch a process");
        }
    }

    private static <T> T onThreadOfItsOwn(String name, Callable<T> work) {
        var result = new CompletableFuture<T>();
        Thread.ofPlatform().name(name).daemon().start(() -> {
            try {
                result.complete(work.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        try {
            return result.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw e;
            }
        }
    }
}
