package io.berth.buildkit;

import io.berth.docker.error.NotImplemented;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * What a build made, until it is closed. Closing gives back what the builder holds for it (mounts, leases); closing twice
 * is fine.
 */
public interface BuildResult extends AutoCloseable {
    /** The key of a result that was asked for without platforms. */
    String SINGLE = "";

    /**
     * The results there are: {@link #SINGLE} alone, or one per platform, such as {@code linux/amd64}. Empty where nothing
     * was built (an answer to {@code --call}).
     */
    List<String> platforms();

    /**
     * What the client is told of the result, such as {@code containerimage.config} (the image's configuration in JSON) and
     * {@code refs.platforms}; with several platforms the names end in {@code /linux/amd64}.
     */
    Map<String, byte[]> metadata();

    /**
     * The files of one result, for clients that look into it.
     *
     * @param platform one of {@link #platforms}
     */
    default ResultFiles files(String platform) throws IOException {
        throw new NotImplemented("files of a build's result cannot be read");
    }

    @Override
    void close();
}
