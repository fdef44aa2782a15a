package io.berth.registry.limit;

import io.berth.pattern.LinearPattern;
import io.berth.registry.repository.RepositoryPrefix;
import jakarta.validation.Valid;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Limits of repositories; none unless configured.
 *
 * @param deletion whether clients may delete tags, manifests and blobs
 * @param quotas every one that covers a repository counts
 * @param immutableTags every one that covers a repository counts
 */
@Validated
@ConfigurationProperties("berth.registry.limits")
record LimitProperties(
        @DefaultValue("true") boolean deletion,
        @DefaultValue List<@Valid Quota> quotas,
        @DefaultValue List<@Valid ImmutableTags> immutableTags) {
    LimitProperties {
        quotas = List.copyOf(quotas);
        immutableTags = List.copyOf(immutableTags);
    }

    /**
     * How much the repositories of a prefix may have, together.
     *
     * @param prefix a repository, or the beginning of names up to a slash; empty for all
     * @param bytes of blobs and manifests, counted once for each repository that has them; null for no limit
     * @param manifests how many, indexes and artifacts included; null for no limit
     */
    record Quota(
            @DefaultValue("") String prefix,
            @Nullable DataSize bytes,
            @Nullable Long manifests) {
        Quota {
            if (bytes == null && manifests == null) {
                throw new IllegalArgumentException(
                        "berth.registry.limits.quotas: " + prefix + " (expected: bytes or manifests)");
            }
            if ((bytes != null && bytes.isNegative()) || (manifests != null && manifests < 0)) {
                throw new IllegalArgumentException("berth.registry.limits.quotas: " + prefix + " (expected: >= 0)");
            }
        }

        RepositoryPrefix repositories() {
            return new RepositoryPrefix(prefix);
        }
    }

    /**
     * Tags that stay what they are.
     *
     * @param prefix a repository, or the beginning of names up to a slash; empty for all
     * @param tags regular expression of whole tags
     */
    record ImmutableTags(
            @DefaultValue("") String prefix,
            @DefaultValue(".*") LinearPattern tags) {
        RepositoryPrefix repositories() {
            return new RepositoryPrefix(prefix);
        }
    }
}
