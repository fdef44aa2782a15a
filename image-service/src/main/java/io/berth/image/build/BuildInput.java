package io.berth.image.build;

import io.berth.dockerfile.IgnorePatterns;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a build reads beside its Dockerfile. Thread-safe: stages are built side by side. */
public interface BuildInput {
    /**
     * The files that COPY and ADD find, received when first asked for.
     *
     * @param wanted which ones at least; those that an earlier call has brought need not be among them
     *
     * @throws BuildFailure when there are none, or they cannot be received
     */
    Context context(ContextPaths wanted) throws IOException, InterruptedException;

    /** A context that the user has given a name, which goes before stages and images of this name. */
    Optional<NamedContext> named(String name) throws IOException, InterruptedException;

    /** Caches that the client has itself: images whose configuration has a record of steps ({@link CacheExchange}). */
    default List<ImageSource> caches() {
        return List.of();
    }

    /** A secret by its id, if the client has it. */
    Optional<byte[]> secret(String id) throws IOException, InterruptedException;

    /**
     * Has a Unix socket made that speaks to the client's SSH agent.
     *
     * @return empty when the client has none of this id
     */
    Optional<AgentSocket> agent(String id) throws IOException, InterruptedException;

    /** A socket that is there until it is closed. */
    interface AgentSocket extends AutoCloseable {
        Path path();

        @Override
        void close();
    }

    /**
     * Files of the client's.
     *
     * @param root a directory of the service's own, which does not change while the build runs; those that are to be ignored are not
     *     in it. Whatever links it holds are the client's
     * @param ignored by which files were left out, for warnings
     */
    record Context(Path root, IgnorePatterns ignored) {}

    /** What a name stands for. */
    sealed interface NamedContext {
        /** Files of the client's. */
        record Files(Context context) implements NamedContext {}

        /** An image. */
        record FromImage(String reference) implements NamedContext {}

        /**
         * An image that the client has itself.
         *
         * @param address as it gave it
         */
        record Brought(String address, ImageSource source) implements NamedContext {}

        /** Another name for a stage or base image, or what cannot be had: told when it is used. */
        record Unsupported(String address) implements NamedContext {}
    }
}
