package io.berth.registry.mirror;

import io.berth.registry.remote.RemoteRegistry;
import io.berth.registry.repository.RepositoryName;
import io.berth.registryclient.RegistryClient;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Copies what the rules name, one rule after another. Thread-safe. */
@Component
class Mirroring implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Mirroring.class);

    private final LocalRepositories local;
    private final List<Mirror> mirrors;
    private final Clock clock;
    private final ReentrantLock running = new ReentrantLock();

    Mirroring(MirrorProperties properties, LocalRepositories local) {
        this.local = local;
        this.mirrors = properties.rules().stream()
                .map(rule -> new Mirror(rule, properties))
                .toList();
        this.clock = Clock.systemUTC();
    }

    /**
     * How a rule fares.
     *
     * @param ranAt when it was last looked at; null before
     * @param copied tags of that look that were not up to date
     * @param failed tags of that look that could not be copied
     * @param problem the last one's reason; null when there was none
     */
    record State(
            String direction,
            String repository,
            String registry,
            String remoteRepository,
            @Nullable Instant ranAt,
            int copied,
            int failed,
            @Nullable String problem) {}

    private static final class Mirror {
        private final MirrorProperties.Rule rule;
        private final RepositoryName here;
        private final String there;
        private final RemoteRegistry registry;
        private volatile State state;

        Mirror(MirrorProperties.Rule rule, MirrorProperties properties) {
            this.rule = rule;
            this.here = rule.here();
            this.there = rule.there();
            this.registry = new RemoteRegistry(rule.access(), properties.certificateDirectory());
            this.state = state(null, 0, 0, null);
        }

        private State state(@Nullable Instant ranAt, int copied, int failed, @Nullable String problem) {
            String direction = rule.direction() == MirrorProperties.Direction.PULL ? "pull" : "push";
            return new State(direction, here.value(), rule.registry(), there, ranAt, copied, failed, problem);
        }
    }

    boolean hasRules() {
        return !mirrors.isEmpty();
    }

    List<State> states() {
        return mirrors.stream().map(mirror -> mirror.state).toList();
    }

    /** Looks at all rules once, whatever other processes do. */
    List<State> run() {
        return run(() -> true);
    }

    /**
     * Looks at all rules once.
     *
     * @param goOn asked before each tag; after a no nothing more is copied
     */
    List<State> run(BooleanSupplier goOn) {
        running.lock();
        try {
            mirrors.forEach(mirror -> run(mirror, goOn));
        } finally {
            running.unlock();
        }
        return states();
    }

    private void run(Mirror mirror, BooleanSupplier goOn) {
        Instant now = clock.instant();
        int copied = 0;
        int failed = 0;
        String problem = null;
        try {
            Copy.Source source = source(mirror);
            Copy copy = new Copy(source, target(mirror));
            for (String tag : source.tags()) {
                if (!mirror.rule.tags().matches(tag)) {
                    continue;
                }
                if (!goOn.getAsBoolean()) {
                    break;
                }
                try {
                    copied += copy.tag(tag) ? 1 : 0;
                } catch (IOException | RuntimeException e) {
                    failed++;
                    problem = failure(mirror, tag, e);
                }
            }
        } catch (IOException | RuntimeException e) {
            failed++;
            problem = failure(mirror, "", e);
        }
        mirror.state = mirror.state(now, copied, failed, problem);
    }

    private static String failure(Mirror mirror, String tag, Exception cause) {
        mirror.registry.forgetSession();
        LOG.atWarn()
                .setCause(cause)
                .addKeyValue("repository", mirror.here)
                .addKeyValue("registry", mirror.rule.registry())
                .addKeyValue("tag", tag)
                .log("cannot copy to or from another registry");
        return (tag.isEmpty() ? "" : "tag " + tag + ": ") + cause.getMessage();
    }

    private Copy.Source source(Mirror mirror) {
        return switch (mirror.rule.direction()) {
            case PULL -> remote(mirror);
            case PUSH -> local.source(mirror.here);
        };
    }

    private Copy.Target target(Mirror mirror) {
        return switch (mirror.rule.direction()) {
            case PULL ->
                local.target(mirror.here, blob -> {
                    RegistryClient client = mirror.registry.client();
                    return client.blob(mirror.there, blob);
                });
            case PUSH -> remote(mirror);
        };
    }

    private RemoteRepository remote(Mirror mirror) {
        return new RemoteRepository(mirror.registry, mirror.there, digest -> local.open(mirror.here, digest));
    }

    @Override
    public void close() {
        mirrors.forEach(mirror -> mirror.registry.close());
    }
}
