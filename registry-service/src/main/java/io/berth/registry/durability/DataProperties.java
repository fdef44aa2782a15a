package io.berth.registry.durability;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the registry keeps its state.
 *
 * @param dataDir directory of blobs, upload sessions and the default database; created with mode 0700
 * @param sharedDir directory on a file system that several registries share, for blobs and upload sessions; null when they are in
 *     the data directory, and this process's alone
 */
@ConfigurationProperties("berth.registry")
record DataProperties(
        @DefaultValue("/var/lib/berth/registry") Path dataDir,
        @Nullable Path sharedDir) {}
