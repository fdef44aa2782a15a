package io.berth.registry.repository;

import io.berth.oci.Digest;
import java.util.List;
import org.springframework.stereotype.Component;

/** All rules at once: a change is made when none refuses it. Thread-safe. */
@Component
public class RepositoryRules {
    private final List<RepositoryRule> rules;

    RepositoryRules(List<RepositoryRule> rules) {
        this.rules = List.copyOf(rules);
    }

    public void beginUpload(RepositoryName repository) {
        rules.forEach(rule -> rule.beginUpload(repository));
    }

    public void linkBlob(RepositoryName repository, Digest digest, long sizeBytes) {
        rules.forEach(rule -> rule.linkBlob(repository, digest, sizeBytes));
    }

    public void storeManifest(RepositoryName repository, Digest digest, long sizeBytes) {
        rules.forEach(rule -> rule.storeManifest(repository, digest, sizeBytes));
    }

    public void changeTag(RepositoryName repository, String tag) {
        rules.forEach(rule -> rule.changeTag(repository, tag));
    }
}
