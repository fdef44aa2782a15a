package io.berth.linux.cgroup;

import io.berth.linux.fd.Fd;
import io.berth.linux.poll.FdPoller;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One group, in every hierarchy that is used. Does not own the kernel's group: {@link #remove()} it. */
public interface Cgroup {
    String name();

    /**
     * Version 1: the {@code tasks} files by which a process joins by writing {@code 0}; the caller closes them. Empty for
     * version 2.
     */
    List<Fd> openTasks();

    /** Version 2: the directory to clone into; the caller closes it. Empty for version 1. */
    Optional<Fd> openDirectory();

    /**
     * Writes changed limits; those that are null stay as they are.
     *
     * @throws java.io.UncheckedIOException naming file and value when the kernel refuses one; those before it are changed
     */
    void update(CgroupLimits limits);

    /**
     * Stops all processes in the group until {@link #thaw()}, and returns when they have stopped.
     *
     * @throws java.io.UncheckedIOException when they do not within ten seconds; they go on then
     */
    void freeze();

    void thaw();

    /** Sends SIGKILL to every process in the group, those just being forked included; it is thawed then. */
    void kill();

    /** The group's directory in each hierarchy that is used. */
    List<Path> directories();

    /** Pids in this process's pid namespace. */
    List<Integer> processes();

    /** How many processes of the group the kernel has killed for memory. */
    long outOfMemoryKills();

    /**
     * Watches for the kernel running out of the memory that the group may use; empty when the host does not limit memory or the
     * group is gone. To be closed before the group is removed, which version 1 tells in the same way.
     *
     * @param listener runs on the poller's thread and must not block
     */
    Optional<OutOfMemoryWatch> watchMemory(FdPoller poller, Runnable listener);

    /** What the group has used; zeros for what the host does not count, or once the group is gone. */
    CgroupStats stats();

    /**
     * Removes the group, waiting a moment for processes that are just ending.
     *
     * @return false when processes still live in it
     */
    boolean remove();
}
