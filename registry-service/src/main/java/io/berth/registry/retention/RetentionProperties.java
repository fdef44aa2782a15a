package io.berth.registry.retention;

import io.berth.pattern.LinearPattern;
import io.berth.registry.repository.RepositoryPrefix;
import jakarta.validation.Valid;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Which tags are kept; all of them unless a rule is about them.
 *
 * @param rules of those that are about a tag the one with the longest prefix counts, and of several the first
 * @param interval between two looks at all repositories
 * @param delay how long no rule must have kept a tag before it goes
 * @param dryRun whether tags that would go are only logged
 */
@Validated
@ConfigurationProperties("berth.registry.retention")
record RetentionProperties(
        @DefaultValue List<@Valid Rule> rules,
        @DefaultValue("1h") Duration interval,
        @DefaultValue("24h") Duration delay,
        boolean dryRun) {
    RetentionProperties {
        rules = List.copyOf(rules);
        if (!interval.isPositive()) {
            throw new IllegalArgumentException("berth.registry.retention.interval: " + interval + " (expected: > 0)");
        }
        if (delay.isNegative()) {
            throw new IllegalArgumentException("berth.registry.retention.delay: " + delay + " (expected: >= 0)");
        }
    }

    /**
     * What is kept of some tags. A tag that no part of it keeps goes.
     *
     * @param prefix a repository, or the beginning of names up to a slash; empty for all
     * @param tags regular expression of whole tags
     * @param keep of each repository so many that were pushed last
     * @param pushedWithin those pushed since; null for none
     * @param pulledWithin those whose manifest was pulled since; null for none
     */
    record Rule(
            @DefaultValue("") String prefix,
            @DefaultValue(".*") LinearPattern tags,
            @DefaultValue("0") int keep,
            @Nullable Duration pushedWithin,
            @Nullable Duration pulledWithin) {
        Rule {
            if (keep < 0) {
                throw new IllegalArgumentException("berth.registry.retention.rules: keep (expected: >= 0)");
            }
            if (keep == 0 && pushedWithin == null && pulledWithin == null) {
                throw new IllegalArgumentException("berth.registry.retention.rules: " + prefix
                        + " (expected: keep, pushed-within or pulled-within, else nothing would stay)");
            }
        }

        RepositoryPrefix repositories() {
            return new RepositoryPrefix(prefix);
        }
    }
}
