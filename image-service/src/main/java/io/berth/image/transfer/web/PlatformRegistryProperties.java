package io.berth.image.transfer.web;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The platform's own registry.
 *
 * @param socket of registry-service; null: the platform has none
 * @param hosts by which clients name it in references, {@code localhost:2375}
 * @param address where this service reaches it by plain HTTP, {@code gateway:2375}; null when the hosts lead there
 */
@ConfigurationProperties("berth.image.platform-registry")
record PlatformRegistryProperties(
        @Nullable Path socket,
        @DefaultValue List<String> hosts,
        @Nullable String address) {
    PlatformRegistryProperties {
        hosts = List.copyOf(hosts);
    }
}
