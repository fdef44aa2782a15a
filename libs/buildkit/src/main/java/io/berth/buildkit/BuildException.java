package io.berth.buildkit;

import io.berth.oci.Digest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A build has failed for a reason of its own, such as a step's exit code or a mistake in the Dockerfile. The client shows the
 * message, and below it the lines of the Dockerfile.
 *
 * <p>The gRPC code is that of the cause where it is one of {@code io.berth.docker.error}'s kinds, else UNKNOWN as in BuildKit.
 */
public final class BuildException extends Exception {
    private final @Nullable Digest vertex;
    private final List<SourceLines> sources;

    public BuildException(String message) {
        this(message, null, List.of(), null);
    }

    /**
     * @param vertex the step that failed, or null
     * @param sources where it stands, the most telling place last
     */
    public BuildException(
            String message, @Nullable Digest vertex, List<SourceLines> sources, @Nullable Throwable cause) {
        super(message, cause);
        this.vertex = vertex;
        this.sources = List.copyOf(sources);
    }

    /** The step that failed, or null when it was none. */
    public @Nullable Digest vertex() {
        return vertex;
    }

    public List<SourceLines> sources() {
        return sources;
    }
}
