package io.berth.engine.runtime;

import io.berth.linux.process.ProcessIdentity;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Opens the file trees of containers, for reading and writing through {@link io.berth.linux.fd.Directory}. Thread-safe. */
public interface ContainerFiles {
    /**
     * The files as a running container's first process sees them.
     *
     * @return empty when the process has ended
     */
    Optional<ContainerTree> ofProcess(ProcessIdentity process);

    /**
     * The files of a container that does not run: its root with its mounts and text files, except those in memory. What
     * they are mounted on is made where it is missing, as a start would. While it is open the container must not be
     * started.
     *
     * @throws LaunchFailure when it cannot be mounted
     */
    ContainerTree ofStopped(ContainerLaunch launch);

    /**
     * A container's root without any mounts, read-only; it may run.
     *
     * @param directory the container's
     * @param layers bottom first
     */
    ContainerTree root(Path directory, List<Path> layers);

    /** Layers of an image on top of each other, read-only, bottom first, and what the engine has for mount points below them. */
    ContainerTree image(List<Path> layers);

    /**
     * The owner that a user's files have.
     *
     * @param user in Docker's form, looked up in the container's own files
     * @throws LaunchFailure when there is no such user
     */
    Owner ownerOf(ContainerTree tree, String user);

    /** A user and the main group. */
    record Owner(long uid, long gid) {}
}
