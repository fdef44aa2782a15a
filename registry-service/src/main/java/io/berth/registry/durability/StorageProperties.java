package io.berth.registry.durability;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the registry keeps its state.
 *
 * @param dataDir directory of blobs, upload sessions and the default database; created with mode 0700
 */
@ConfigurationProperties("berth.registry")
record StorageProperties(
        @DefaultValue("/var/lib/berth/registry") Path dataDir) {}
