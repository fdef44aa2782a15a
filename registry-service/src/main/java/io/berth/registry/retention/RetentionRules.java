package io.berth.registry.retention;

import io.berth.registry.repository.RepositoryName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which of a repository's tags the rules keep. No I/O; immutable. */
final class RetentionRules {
    private final List<RetentionProperties.Rule> rules;

    RetentionRules(List<RetentionProperties.Rule> rules) {
        this.rules = rules.stream()
                .sorted(Comparator.comparingInt((RetentionProperties.Rule rule) ->
                                rule.repositories().length())
                        .reversed()) // stable: of equal ones the first stays first
                .toList();
    }

    /**
     * A tag as retention sees it.
     *
     * @param pushedAt when it was last pushed
     * @param pulledAt when its manifest was last pulled; null when it never was
     */
    record Tag(
            String name,
            String digest,
            Instant pushedAt,
            @Nullable Instant pulledAt) {}

    boolean isEmpty() {
        return rules.isEmpty();
    }

    /** Whether any rule is about a repository. */
    boolean areAbout(RepositoryName repository) {
        return rules.stream().anyMatch(rule -> rule.repositories().covers(repository));
    }

    /** The tags of a repository that some rule is about and none keeps. */
    List<Tag> unkept(RepositoryName repository, List<Tag> tags, Instant now) {
        List<Tag> newestFirst = tags.stream()
                .sorted(Comparator.comparing(Tag::pushedAt)
                        .thenComparing(Tag::name)
                        .reversed())
                .toList();
        Map<RetentionProperties.Rule, Integer> kept = new HashMap<>();
        List<Tag> unkept = new ArrayList<>();
        for (Tag tag : newestFirst) {
            Optional<RetentionProperties.Rule> found = of(repository, tag);
            if (found.isEmpty()) {
                continue;
            }
            RetentionProperties.Rule rule = found.get();
            boolean amongTheLast = kept.merge(rule, 1, Integer::sum) <= rule.keep();
            if (!amongTheLast
                    && !isWithin(rule.pushedWithin(), tag.pushedAt(), now)
                    && !isWithin(rule.pulledWithin(), tag.pulledAt(), now)) {
                unkept.add(tag);
            }
        }
        return unkept;
    }

    private Optional<RetentionProperties.Rule> of(RepositoryName repository, Tag tag) {
        return rules.stream()
                .filter(rule ->
                        rule.repositories().covers(repository) && rule.tags().matches(tag.name()))
                .findFirst();
    }

    private static boolean isWithin(@Nullable Duration time, @Nullable Instant moment, Instant now) {
        return time != null && moment != null && moment.isAfter(now.minus(time));
    }
}
