package io.berth.registry.retention;

import io.berth.oci.Digest;
import io.berth.registry.limit.ImmutableTags;
import io.berth.registry.repository.Repositories;
import io.berth.registry.repository.RepositoryName;
import io.berth.registry.tag.TagName;
import io.berth.registry.tag.Tags;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Removes tags that no rule has kept for a while; the manifests and blobs that only they kept go with the next garbage
 * collections. Immutable tags stay. Thread-safe; several processes may do it at the same time.
 */
@Component
public class Retention {
    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);
    private static final int BATCH = 500;

    private final RetentionRules rules;
    private final Duration delay;
    private final boolean dryRun;
    private final Repositories repositories;
    private final ExpiringTags expiring;
    private final Pulls pulls;
    private final Tags tags;
    private final ImmutableTags immutable;
    private final Clock clock;
    private final ReentrantLock running = new ReentrantLock();

    Retention(
            RetentionProperties properties,
            Repositories repositories,
            ExpiringTags expiring,
            Pulls pulls,
            Tags tags,
            ImmutableTags immutable) {
        this.rules = new RetentionRules(properties.rules());
        this.delay = properties.delay();
        this.dryRun = properties.dryRun();
        this.repositories = repositories;
        this.expiring = expiring;
        this.pulls = pulls;
        this.tags = tags;
        this.immutable = immutable;
        this.clock = Clock.systemUTC();
    }

    boolean hasRules() {
        return !rules.isEmpty();
    }

    /**
     * A tag that no rule keeps.
     *
     * @param since when that was first seen
     * @param removed whether it is gone now
     */
    public record Expiring(String repository, String tag, String digest, Instant since, boolean removed) {}

    /** What no rule keeps now; removes nothing and notes nothing. */
    public List<Expiring> preview() {
        pulls.write();
        Instant now = clock.instant();
        List<Expiring> all = new ArrayList<>();
        each(repository -> unkept(repository, now)
                .forEach(tag -> all.add(new Expiring(repository.value(), tag.name(), tag.digest(), now, false))));
        return all;
    }

    /** Looks at all repositories and removes what has not been kept for long enough, unless this is a dry run. */
    List<Expiring> run() {
        running.lock();
        try {
            pulls.write(); // what was pulled last must count
            List<Expiring> all = new ArrayList<>();
            each(repository -> all.addAll(run(repository)));
            return all;
        } finally {
            running.unlock();
        }
    }

    private interface Visitor {
        void visit(RepositoryName repository);
    }

    private void each(Visitor visitor) {
        String last = "";
        List<String> names;
        do {
            names = repositories.namesAfter(last, BATCH);
            for (String name : names) {
                RepositoryName repository = new RepositoryName(name);
                if (rules.areAbout(repository)) {
                    visitor.visit(repository);
                }
                last = name;
            }
        } while (names.size() == BATCH);
    }

    private List<RetentionRules.Tag> unkept(RepositoryName repository, Instant now) {
        return rules.unkept(repository, expiring.tags(repository), now).stream()
                .filter(tag -> !immutable.covers(repository, tag.name()))
                .toList();
    }

    private List<Expiring> run(RepositoryName repository) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS); // as the database keeps it
        List<RetentionRules.Tag> unkept = unkept(repository, now);
        Map<String, Instant> since = expiring.note(repository, unkept, now);
        List<Expiring> all = new ArrayList<>();
        for (RetentionRules.Tag tag : unkept) {
            Instant first = since.getOrDefault(tag.name(), now);
            boolean due = !first.plus(delay).isAfter(now);
            boolean removed = due && !dryRun && remove(repository, tag);
            if (due) {
                LOG.atInfo()
                        .addKeyValue("repository", repository)
                        .addKeyValue("tag", tag.name())
                        .addKeyValue("digest", tag.digest())
                        .addKeyValue("dryRun", dryRun)
                        .addKeyValue("removed", removed)
                        .log("no retention rule keeps a tag");
            }
            all.add(new Expiring(repository.value(), tag.name(), tag.digest(), first, removed));
        }
        return all;
    }

    private boolean remove(RepositoryName repository, RetentionRules.Tag tag) {
        boolean removed = tags.deleteIfStill(repository, new TagName(tag.name()), Digest.parse(tag.digest()));
        expiring.forget(repository, tag.name());
        return removed;
    }
}
