package io.berth.registry.upstream;

import io.berth.registry.repository.RepositoryName;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** The registries that this one is a cache of. Thread-safe. */
@Component
public class Upstreams implements AutoCloseable {
    private final List<Upstream> upstreams;

    Upstreams(PullThroughProperties properties) {
        this.upstreams = properties.upstreams().stream()
                .peek(PullThroughProperties.UpstreamProperties::prefixName) // fails at start when it is no name
                .map(upstream -> new Upstream(
                        upstream, properties.certificateDirectory(), properties.retry(), Clock.systemUTC()))
                .sorted(Comparator.comparingInt(
                                (Upstream upstream) -> upstream.prefix().length())
                        .reversed())
                .toList();
    }

    /** The one that a repository is fetched from, the longest prefix first; empty for a repository of this registry's own. */
    public Optional<Upstream> of(RepositoryName repository) {
        return upstreams.stream().filter(upstream -> upstream.has(repository)).findFirst();
    }

    /** The one that references name so, which a client says by {@code ns}. */
    public Optional<Upstream> named(String registry) {
        return upstreams.stream()
                .filter(upstream -> upstream.registry().equals(registry))
                .findFirst();
    }

    public List<Upstream> all() {
        return upstreams;
    }

    @Override
    public void close() {
        upstreams.forEach(Upstream::close);
    }
}
