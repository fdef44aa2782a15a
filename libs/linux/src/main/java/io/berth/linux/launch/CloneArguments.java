package io.berth.linux.launch;

import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;

/** {@code struct clone_args} (linux/sched.h, CLONE_ARGS_SIZE_VER2) and the flags of a launch. */
final class CloneArguments {
    static final int SIZE = 88;

    static final long CLONE_PIDFD = 0x1000;
    static final long CLONE_PARENT = 0x8000;
    static final long CLONE_PARENT_SETTID = 0x100000;

    private static final long CLONE_VM = 0x100;
    private static final long CLONE_VFORK = 0x4000;
    private static final long CLONE_CLEAR_SIGHAND = 0x1_0000_0000L;
    private static final long CLONE_INTO_CGROUP = 0x2_0000_0000L;
    private static final int SIGCHLD = 17;

    private CloneArguments() {}

    /**
     * The structure for a child that borrows its maker's memory.
     *
     * @param moreFlags {@link #CLONE_PIDFD}, {@link #CLONE_PARENT}, {@link #CLONE_PARENT_SETTID}
     * @param pidfd address that receives the child's pidfd, with the flag
     * @param pid address that receives the child's pid, with the flag
     * @param stack lowest address of the child's stack
     */
    static byte[] of(LaunchOptions options, long moreFlags, long pidfd, long pid, long stack, int stackSize) {
        long flags = CLONE_VM
                | CLONE_VFORK
                | CLONE_CLEAR_SIGHAND
                | moreFlags
                | (options.cgroup().isPresent() ? CLONE_INTO_CGROUP : 0)
                | Namespace.cloneFlags(options.newNamespaces());
        // With CLONE_PARENT the child's signal is its maker's, and the kernel insists on 0 here.
        boolean sibling = (moreFlags & CLONE_PARENT) != 0;
        return Blob.of("clone_args", SIZE)
                .putLong(0, flags)
                .putLong(8, pidfd)
                .putLong(24, pid)
                .putLong(32, sibling ? 0 : SIGCHLD)
                .putLong(40, stack)
                .putLong(48, stackSize)
                .putLong(80, options.cgroup().map(Fd::value).orElse(0))
                .build()
                .bytes();
    }
}
