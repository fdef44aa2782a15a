package io.berth.registry.upstream;

import io.berth.oci.ImageReference;
import io.berth.registry.remote.RemoteRegistry;
import io.berth.registry.repository.RepositoryName;
import io.berth.registryclient.RegistryClient;
import io.berth.registryclient.RegistryException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * A registry that repositories below a prefix are fetched from. Its credentials, certificates and allowed addresses are its own:
 * nothing of them is ever used for another one. Thread-safe.
 */
public final class Upstream implements AutoCloseable {
    private final PullThroughProperties.UpstreamProperties properties;
    private final Duration retry;
    private final InstantSource clock;
    private final RemoteRegistry remote;
    /** Until when it is not asked if that can be avoided. */
    private volatile Instant quietUntil = Instant.MIN;

    Upstream(
            PullThroughProperties.UpstreamProperties properties,
            Path certificates,
            Duration retry,
            InstantSource clock) {
        this.properties = properties;
        this.retry = retry;
        this.clock = clock;
        this.remote = new RemoteRegistry(properties.access(), certificates);
    }

    /** As image references name it. */
    public String registry() {
        return properties.registry();
    }

    /** Repositories below this name are its. */
    public String prefix() {
        return properties.prefix();
    }

    boolean has(RepositoryName repository) {
        return repository.value().startsWith(properties.prefix() + "/");
    }

    /** The repository's name at the registry; one word at Docker Hub is an official image. */
    String path(RepositoryName repository) {
        String path = repository.value().substring(properties.prefix().length() + 1);
        boolean official = registry().equals(ImageReference.DEFAULT_DOMAIN) && path.indexOf('/') < 0;
        return official ? "library/" + path : path;
    }

    /** A client with the upstream's credentials. */
    RegistryClient client() throws IOException {
        return remote.client();
    }

    /** Notes that something could not be fetched. */
    void failed(IOException failure) {
        remote.forgetSession();
        if (isOutage(failure)) {
            quietUntil = clock.instant().plus(retry);
        }
    }

    void answered() {
        quietUntil = Instant.MIN;
    }

    /** Whether it has not answered a moment ago. */
    public boolean isDown() {
        return clock.instant().isBefore(quietUntil);
    }

    /** Whether the failure says something of the whole registry, and not of what was asked for. */
    private static boolean isOutage(IOException failure) {
        Optional<RegistryException> refusal =
                failure instanceof RegistryException known ? Optional.of(known) : Optional.empty();
        return refusal.map(known -> known.status() == 429
                        || known.status() >= 500
                        || (known.status() == 0 && known.getCause() instanceof IOException))
                .orElse(true);
    }

    @Override
    public void close() {
        remote.close();
    }
}
