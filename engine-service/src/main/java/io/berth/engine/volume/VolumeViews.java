package io.berth.engine.volume;

import io.berth.docker.volume.VolumeResponse;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Volumes as the API shows them. */
final class VolumeViews {
    private VolumeViews() {}

    static VolumeResponse response(Volume volume, Path path, VolumeResponse.@Nullable UsageData usage) {
        return new VolumeResponse(
                volume.createdAt().truncatedTo(ChronoUnit.SECONDS).toString(),
                Volume.DRIVER,
                volume.labels(),
                path.toString(),
                volume.name(),
                volume.options(),
                "local",
                usage);
    }
}
