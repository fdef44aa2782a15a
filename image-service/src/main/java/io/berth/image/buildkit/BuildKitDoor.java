package io.berth.image.buildkit;

import io.berth.buildkit.BuildRecord;
import io.berth.buildkit.Builder;
import io.berth.buildkit.control.BuildKitServer;
import io.berth.buildkit.transfer.ReceivedTrees;
import io.berth.docker.error.NotImplemented;
import io.berth.docker.error.SystemFailure;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;

/** BuildKit's services, from the first client on. Safe for several threads. */
public final class BuildKitDoor implements AutoCloseable {
    private final ObjectProvider<Builder> builder;
    private final ReceivedTrees trees;
    private @Nullable BuildKitServer server;

    BuildKitDoor(ObjectProvider<Builder> builder, ReceivedTrees trees) {
        this.builder = builder;
        this.trees = trees;
    }

    /**
     * The services.
     *
     * @throws NotImplemented when nothing here builds
     */
    public synchronized BuildKitServer server() {
        if (server == null) {
            @Nullable Builder available = builder.getIfAvailable();
            if (available == null) {
                throw new NotImplemented("builds with BuildKit are not supported");
            }
            try {
                server = new BuildKitServer(available, trees, Clock.systemUTC());
            } catch (IOException e) {
                throw new SystemFailure("cannot serve builds", e);
            }
        }
        return server;
    }

    /** The builds that are under way and the last that were, everybody's, the oldest first; none before the first client. */
    public synchronized List<BuildRecord> builds() {
        return server == null ? List.of() : server.builds();
    }

    @Override
    public synchronized void close() {
        if (server != null) {
            server.close();
            server = null;
        }
    }
}
