package io.berth.registry.limit;

import io.berth.pattern.LinearPattern;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.repository.RepositoryName;
import io.berth.registry.repository.RepositoryPrefix;
import io.berth.registry.repository.RepositoryRule;
import java.util.List;
import org.springframework.stereotype.Component;

/** Which tags stay what they are: they are given once, and neither move nor go. Thread-safe. */
@Component
public class ImmutableTags implements RepositoryRule {
    private final List<Rule> rules;

    private record Rule(RepositoryPrefix repositories, LinearPattern tags) {}

    ImmutableTags(LimitProperties properties) {
        this.rules = properties.immutableTags().stream()
                .map(rule -> new Rule(rule.repositories(), rule.tags()))
                .toList();
    }

    /** Whether a tag is one of them, if it exists. */
    public boolean covers(RepositoryName repository, String tag) {
        return rules.stream()
                .anyMatch(rule ->
                        rule.repositories().covers(repository) && rule.tags().matches(tag));
    }

    /** @throws RegistryException DENIED for an immutable one */
    @Override
    public void changeTag(RepositoryName repository, String tag) {
        if (covers(repository, tag)) {
            throw RegistryException.of(ErrorCode.DENIED, "tag " + tag + " of " + repository + " is immutable");
        }
    }
}
