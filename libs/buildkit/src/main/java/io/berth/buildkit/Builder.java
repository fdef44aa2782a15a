package io.berth.buildkit;

import io.berth.docker.error.NotImplemented;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Builds images from Dockerfiles for BuildKit's clients; the one thing behind the protocol.
 *
 * <p><b>Threads.</b> Called by many threads at once: one platform thread per build, which calls {@link #build} and then
 * {@link #export} for each export. That thread is interrupted when the client cancels or is gone; the builder then stops
 * what it runs, leaves nothing behind and throws {@link InterruptedException} (or {@link
 * java.io.InterruptedIOException}).
 *
 * <p><b>Errors.</b> A {@link BuildException} carries the step and the lines of the Dockerfile that failed. The kinds of
 * {@code io.berth.docker.error} become gRPC codes; an {@link IOException} of the session passes as it is. Anything else is a
 * fault of the builder: it is logged and told as an internal error.
 */
public interface Builder {
    /**
     * Refuses what a client may not have built or exported. Called before anything else of a build, and again with what a
     * client that drives its build itself wants built: what is decided on is what is built.
     *
     * @throws io.berth.docker.error.Forbidden when it is refused
     */
    void authorize(Client client, BuildRequest request, List<ExportRequest> exports);

    /**
     * Builds, without exporting. Where the request has an attribute {@code requestid=…} ({@code docker buildx build
     * --call}), nothing is built, and the answer goes into the result's metadata instead: {@code result.json}, {@code
     * result.txt}, {@code version}.
     *
     * @return closed by the caller when client and exports are done with it
     */
    BuildResult build(Client client, BuildRequest request, ClientSession session, BuildProgress progress)
            throws BuildException, IOException, InterruptedException;

    /**
     * Exports what {@link #build} returned. Several exports of one result come one after the other, in the order in which
     * they were asked for.
     *
     * @param progress of the same build
     * @return what the client is told, such as {@code containerimage.digest}, {@code containerimage.config.digest} and {@code
     *     image.name}; empty for exports that make no image
     */
    Map<String, String> export(
            Client client, BuildResult result, ExportRequest export, ClientSession session, BuildProgress progress)
            throws BuildException, IOException, InterruptedException;

    /**
     * Resolves a reference for a client that asks for an image's configuration itself ({@code
     * LLBBridge.ResolveImageConfig}).
     *
     * @throws io.berth.docker.error.NotFound when there is no such image or none for the platform
     */
    default ResolvedImageConfig resolveImageConfig(Client client, ImageConfigRequest request, ClientSession session)
            throws IOException, InterruptedException {
        throw new NotImplemented("image configurations are not resolved for clients");
    }

    /**
     * What the builder keeps to make later builds faster.
     *
     * @param filters as {@code docker buildx du --filter} takes them, such as {@code type=regular} or {@code id=~^abc};
     *     a record must match one of them; empty for all records
     */
    List<CacheRecord> diskUsage(List<String> filters);

    /**
     * Removes cache that is not in use.
     *
     * @param pruned told each record as soon as it is gone
     */
    void prune(PruneRequest request, Consumer<CacheRecord> pruned) throws InterruptedException;

    /** What this builder is: cheap, asked often. */
    WorkerInfo worker();
}
