package io.berth.engine.data;

import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Where the engine keeps its state and whom it talks to.
 *
 * @param dataDir directory of all the engine's state
 * @param imageSocket Unix socket of this node's image-service
 */
@Validated
@ConfigurationProperties("berth.engine")
public record EngineProperties(
        @NotNull @DefaultValue("/var/lib/berth/engine") Path dataDir,
        @NotNull @DefaultValue("/run/berth/image.sock") Path imageSocket) {}
