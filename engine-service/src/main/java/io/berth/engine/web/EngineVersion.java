package io.berth.engine.web;

import io.berth.docker.system.VersionResponse;
import io.berth.unixhttp.Build;
import org.springframework.stereotype.Component;

/** This engine's own version. */
@Component
public final class EngineVersion {
    private final Build build = Build.current();

    /** Such as {@code 0.1.0}. */
    public String version() {
        return build.version();
    }

    /** See {@link Build#commit}. */
    public String commit() {
        return build.commit();
    }

    /** What {@code /info} tells as the server's version ({@link VersionResponse#comparable}). */
    public String asDockers() {
        return VersionResponse.comparable(build.version());
    }
}
