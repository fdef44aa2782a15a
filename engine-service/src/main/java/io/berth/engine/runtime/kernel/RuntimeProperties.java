package io.berth.engine.runtime.kernel;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the engine keeps its state.
 *
 * @param dataDir directory of all the engine's state; its path also names the engine's cgroups, so that two engines on one host
 *     keep apart
 */
@ConfigurationProperties("berth.engine")
record RuntimeProperties(
        @DefaultValue("/var/lib/berth/engine") Path dataDir) {}
