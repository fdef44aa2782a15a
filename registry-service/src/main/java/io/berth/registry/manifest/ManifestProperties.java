package io.berth.registry.manifest;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Manifests.
 *
 * @param cacheSize how many bytes of manifests are kept in memory for those who pull them; 0 for none
 */
@ConfigurationProperties("berth.registry.manifest")
record ManifestProperties(@DefaultValue("16MB") DataSize cacheSize) {
    ManifestProperties {
        if (cacheSize.isNegative()) {
            throw new IllegalArgumentException(
                    "berth.registry.manifest.cache-size: " + cacheSize + " (expected: >= 0)");
        }
    }
}
