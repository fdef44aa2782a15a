package io.berth.engine.files;

import io.berth.docker.error.SystemFailure;
import io.berth.engine.container.Container;
import io.berth.engine.container.ContainerSnapshot;
import io.berth.engine.container.ContainerSpec;
import io.berth.engine.container.LaunchPlan;
import io.berth.engine.container.MountUse;
import io.berth.engine.container.NoSuchContainer;
import io.berth.engine.runtime.ContainerFiles;
import io.berth.engine.runtime.ContainerTree;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.linux.process.ProcessIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Opens containers' file trees, whether they run or not. */
@Component
final class ContainerTrees {
    private final ContainerFiles files;
    private final LaunchPlan plan;
    private final MountUse mounts;

    ContainerTrees(ContainerFiles files, LaunchPlan plan, MountUse mounts) {
        this.files = files;
        this.plan = plan;
        this.mounts = mounts;
    }

    /** Something to be done with a tree. */
    @FunctionalInterface
    interface Work<T> {
        T with(ContainerTree tree) throws IOException;
    }

    /**
     * Does something with a container's files, mounts included. A container that does not run cannot be started or removed
     * meanwhile; one that runs can do what it likes.
     *
     * @throws NoSuchContainer when it has been removed
     */
    <T> T with(Container container, Work<T> work) throws IOException {
        Optional<ContainerTree> running = running(container);
        if (running.isPresent()) {
            try (ContainerTree tree = running.get()) {
                return work.with(tree);
            }
        }
        try {
            return container.exclusively(() -> {
                Optional<ContainerTree> started = running(container);
                return started.isPresent() ? with(started.get(), work) : withStopped(container, work);
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private Optional<ContainerTree> running(Container container) {
        ProcessIdentity process = container.snapshot().state().process();
        return process == null ? Optional.empty() : files.ofProcess(process);
    }

    private static <T> T with(ContainerTree opened, Work<T> work) {
        try (ContainerTree tree = opened) {
            return work.with(tree);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private <T> T withStopped(Container container, Work<T> work) {
        if (container.isRemoved()) {
            throw new NoSuchContainer(container.id().value());
        }
        // Until then the last run's root may still be mounted.
        Object _ = container.released().join();
        ContainerSpec spec = container.snapshot().spec();
        mounts.begin(spec);
        try {
            return with(open(spec), work);
        } catch (LaunchFailure e) {
            throw new SystemFailure(String.valueOf(e.getMessage()), e);
        } finally {
            mounts.end(spec);
        }
    }

    private ContainerTree open(ContainerSpec spec) {
        try {
            return files.ofStopped(plan.ofStopped(spec));
        } finally {
            mounts.mounted(spec);
        }
    }

    /** The root of a container without mounts, read-only. */
    ContainerTree root(Container container) {
        ContainerSnapshot snapshot = container.snapshot();
        return files.root(container.directory(), snapshot.spec().layerDirectories());
    }

    /** The files of a container's image. */
    ContainerTree image(Container container) {
        return files.image(container.snapshot().spec().layerDirectories());
    }
}
