package io.berth.image.store;

import io.berth.docker.DockerJson;
import io.berth.docker.error.InvalidParameter;
import io.berth.oci.Platform;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** The {@code platform} parameters of the Engine API that are JSON documents: {@code {"os": "linux", "architecture": "arm64"}}. */
public final class ImagePlatforms {
    private ImagePlatforms() {}

    /**
     * Reads one.
     *
     * @param json null or empty for none
     * @throws InvalidParameter when it is malformed
     */
    public static Optional<Platform> parse(@Nullable String json) {
        if (json == null || json.isEmpty()) {
            return Optional.empty();
        }
        try {
            Platform platform = DockerJson.MAPPER.readValue(json, Platform.class);
            if (isIncomplete(platform)) {
                throw new InvalidParameter("both OS and Architecture must be provided");
            }
            return Optional.of(Platform.parse(platform.toString()));
        } catch (JacksonException | IllegalArgumentException e) {
            throw new InvalidParameter("failed to parse platform", e);
        }
    }

    @SuppressWarnings("NullAway") // what JSON leaves out is null here in spite of the types
    private static boolean isIncomplete(@Nullable Platform platform) {
        return platform == null
                || platform.os() == null
                || platform.os().isEmpty()
                || platform.architecture() == null
                || platform.architecture().isEmpty();
    }

    /** Reads a parameter that may come more than once. */
    public static List<Platform> parseAll(String @Nullable [] json) {
        return json == null
                ? List.of()
                : Arrays.stream(json)
                        .map(ImagePlatforms::parse)
                        .flatMap(Optional::stream)
                        .toList();
    }
}
