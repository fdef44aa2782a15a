package io.berth.engine.files;

import io.berth.archive.TarWriter;
import io.berth.archive.TreeArchiver;
import io.berth.docker.error.Conflict;
import io.berth.engine.container.Container;
import io.berth.engine.container.ContainerEvents;
import io.berth.engine.container.ContainerStatus;
import io.berth.engine.runtime.ContainerTree;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.springframework.stereotype.Component;

/** Writes a container's whole root as a tar archive, without what is mounted in it (moby: daemon/export.go). */
@Component
public final class ExportContainer {
    private static final int BUFFER = 64 * 1024;

    private final ContainerTrees trees;
    private final ContainerEvents events;

    ExportContainer(ContainerTrees trees, ContainerEvents events) {
        this.trees = trees;
        this.events = events;
    }

    /** Says where the archive is to go, once it is clear that there is one. */
    @FunctionalInterface
    public interface Receiver {
        OutputStream begin() throws IOException;
    }

    /**
     * Exports.
     *
     * @throws Conflict when the container is being removed
     * @throws IOException when it breaks off after the receiver has begun: the archive is then cut off
     */
    public void export(Container container, Receiver receiver) throws IOException {
        ContainerStatus status = container.snapshot().state().status();
        if (status == ContainerStatus.DEAD) {
            throw new Conflict("You cannot export container " + container.id() + " which is Dead");
        }
        if (container.isRemoved()) {
            throw new Conflict("You cannot export container " + container.id() + " which is being removed");
        }
        try (ContainerTree tree = trees.root(container)) {
            events.publish(container, "export");
            OutputStream out = new BufferedOutputStream(receiver.begin(), BUFFER);
            TarWriter tar = new TarWriter(out);
            TreeArchiver.of(tar, tree.isKernels()).addContents(tree.root(), "");
            tar.close(); // only now: an archive that breaks off must not look complete
            out.flush();
        }
    }
}
