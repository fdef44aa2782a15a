package io.berth.engine.web;

import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** This engine's own version. */
@Component
public final class EngineVersion {
    private final String version;

    EngineVersion() {
        @Nullable String written = EngineVersion.class.getPackage().getImplementationVersion();
        this.version = written == null ? "0.1.0" : written.replace("-SNAPSHOT", "");
    }

    /** Such as {@code 0.1.0}. */
    public String version() {
        return version;
    }
}
