package io.berth.engine.runtime;

import io.berth.linux.cgroup.CgroupLimits;
import io.berth.linux.cgroup.CgroupStats;
import io.berth.linux.cgroup.CgroupSupport;
import io.berth.linux.process.ProcessIdentity;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The kernel side of containers: starts processes in namespaces and cgroups, finds them again, signals them, and takes
 * everything down. It knows nothing of names, images, restart policies or the API.
 *
 * <p>Thread-safe; the caller makes sure that one container is only started, or removed, by one thread at a time. Blocking:
 * call it from platform or virtual threads alike, native calls run on the runtime's own threads.
 */
public interface ContainerRuntime {
    /**
     * Starts a container's first process and returns when the program has been executed.
     *
     * @throws LaunchFailure when the process cannot be started; nothing is left behind then but the writable layer
     */
    ContainerProcess start(ContainerLaunch launch);

    /**
     * Starts a further process inside a running container.
     *
     * @param target the container's first process
     * @throws LaunchFailure when the process cannot be started, or the container has stopped
     */
    ContainerProcess exec(ProcessIdentity target, ExecLaunch launch);

    /**
     * Finds a process again that an earlier engine started in this boot of the machine: the caller keeps
     * {@link ProcessIdentity#bootId} beside the identity and does not ask when it differs.
     *
     * @return a process that may have ended meanwhile: output that was left in its pipes is delivered, and how it ended is told
     *     where the kernel can (Linux 6.15); empty when nothing is known of it any more
     */
    Optional<ContainerProcess> reattach(ContainerId id, ProcessIdentity identity, StdioMode stdio);

    /**
     * Stops delivering output, because the engine is about to end: what has been read has been delivered when this returns,
     * and what has not stays in the pipes for the next engine.
     */
    void suspendOutput();

    /** Sends a signal to every process of a container (cgroup.kill or a loop over its cgroup's processes). */
    void killAll(ContainerId id);

    /** Pids of the host's view in a container's cgroup; empty when it has stopped. */
    List<Long> processes(ContainerId id);

    /**
     * Stops all processes of a container until {@link #thaw}, and returns when they have stopped; nothing when there are none.
     * A signal is then only delivered at the thaw; {@link #killAll} thaws by itself.
     *
     * @throws java.io.UncheckedIOException when they do not stop within ten seconds; they go on then
     */
    void freeze(ContainerId id);

    /** Lets the processes of a container go on; does nothing when they do. */
    void thaw(ContainerId id);

    /**
     * Changes limits of a running container; does nothing when it has stopped.
     *
     * @param limits null stays as it is
     * @throws java.io.UncheckedIOException naming file and value when the kernel refuses one
     */
    void update(ContainerId id, CgroupLimits limits);

    /** What a container has used since it was started; zeros when it has stopped. */
    CgroupStats stats(ContainerId id);

    /** Which limits this host can set. */
    CgroupSupport support();

    /** How often the kernel killed a process of the container for memory since it was started. */
    long outOfMemoryKills(ContainerId id);

    /**
     * Watches a running container for the kernel running out of the memory that it may use, until {@link #release}. Does nothing
     * when it has stopped.
     *
     * @param listener must not block
     */
    void watchMemory(ContainerId id, Runnable listener);

    /**
     * Releases what the kernel still holds for a stopped container: its cgroups. Does nothing when there is nothing.
     * The writable layer stays.
     */
    void release(ContainerId id);

    /**
     * Gives an empty volume what an image has at a path, before a container first uses it there: files with owners, modes,
     * times, extended attributes and hard links, links as they are; and to the volume's own directory owner and mode of the
     * image's. Does nothing when the volume has anything in it, or the image nothing at the path. When it fails the volume
     * is empty again.
     *
     * @param layers directories of the image's layers, bottom first
     * @param path absolute inside the container; its links lead nowhere but into the image
     * @param volume directory of the host that is the volume's root
     * @throws LaunchFailure when the image has something else than a directory there, or copying fails
     */
    void copyUp(List<Path> layers, String path, Path volume);

    /** Deletes a stopped container's directory with its writable layer; never follows links, never crosses mounts. */
    void deleteDirectory(Path containerDirectory);

    /**
     * Brings the kernel's state in line with the engine's at start: removes cgroups of containers that are not listed, and
     * kills what still runs in them.
     *
     * @param known ids of all containers that the engine has
     * @return ids that were cleaned up
     */
    Set<ContainerId> reconcile(Set<ContainerId> known);

    /** What is held now: by the kernel for containers, by the keeper of open files, and by this process. */
    KernelHoldings holdings();
}
