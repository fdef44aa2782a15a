package io.berth.registry.upstream;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.manifest.ManifestReference;
import io.berth.registry.manifest.Manifests;
import io.berth.registry.repository.RepositoryName;
import io.berth.registry.tag.TagName;
import io.berth.registry.tag.Tags;
import io.berth.registryclient.RegistryClient;
import io.berth.registryclient.RemoteManifest;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Keeps manifests of other registries up to date. What a digest names never changes; what a tag names is asked for again after
 * a while, and served as it was when nobody answers. Thread-safe.
 */
@Component
public class CachedManifests {
    private static final Logger LOG = LoggerFactory.getLogger(CachedManifests.class);

    private final Manifests manifests;
    private final Tags tags;
    private final PullThroughProperties properties;
    private final CacheMeters meters;
    private final Clock clock;
    private final RecentTags recent = new RecentTags();
    private final SingleFlight<RecentTags.Key> flights = new SingleFlight<>();

    CachedManifests(Manifests manifests, Tags tags, PullThroughProperties properties, CacheMeters meters) {
        this.manifests = manifests;
        this.tags = tags;
        this.properties = properties;
        this.meters = meters;
        this.clock = Clock.systemUTC();
    }

    /**
     * Makes a repository have what a reference names at its registry. When this returns and the repository has nothing, there is
     * nothing.
     *
     * @throws RegistryException 502 when it cannot be fetched and there is nothing to serve instead
     */
    public void refresh(Upstream upstream, RepositoryName repository, ManifestReference reference) {
        boolean kept = manifests.find(repository, reference).isPresent();
        RecentTags.Key key = new RecentTags.Key(repository, text(reference));
        if (kept && (reference instanceof ManifestReference.ByDigest || recent.isRecent(key, clock.instant()))) {
            meters.count(upstream, CacheMeters.Outcome.HIT);
            return;
        }
        if (kept && upstream.isDown()) {
            meters.count(upstream, CacheMeters.Outcome.STALE);
            return;
        }
        try {
            flights.run(key, () -> fetch(upstream, repository, reference));
            upstream.answered();
            recent.keep(key, clock.instant().plus(properties.fresh()));
            meters.count(upstream, CacheMeters.Outcome.MISS);
        } catch (IOException e) {
            failed(upstream, repository, reference, kept, e);
        }
    }

    private void failed(
            Upstream upstream,
            RepositoryName repository,
            ManifestReference reference,
            boolean kept,
            IOException failure) {
        if (UpstreamFailure.isUnknown(failure)) {
            if (reference instanceof ManifestReference.ByTag(TagName tag) && kept) {
                tags.delete(repository, tag);
            }
            return;
        }
        upstream.failed(failure);
        LOG.atWarn()
                .setCause(failure)
                .addKeyValue("registry", upstream.registry())
                .addKeyValue("repository", repository)
                .addKeyValue("reference", text(reference))
                .addKeyValue("stale", kept)
                .log("cannot fetch a manifest");
        if (!kept) {
            meters.count(upstream, CacheMeters.Outcome.FAILURE);
            throw UpstreamFailure.of(upstream, ErrorCode.MANIFEST_UNKNOWN, failure);
        }
        recent.keep(
                new RecentTags.Key(repository, text(reference)), clock.instant().plus(properties.retry()));
        meters.count(upstream, CacheMeters.Outcome.STALE);
    }

    private static String text(ManifestReference reference) {
        return switch (reference) {
            case ManifestReference.ByDigest(Digest digest) -> digest.toString();
            case ManifestReference.ByTag(TagName tag) -> tag.value();
        };
    }

    private void fetch(Upstream upstream, RepositoryName repository, ManifestReference reference) throws IOException {
        RegistryClient client = upstream.client();
        String path = upstream.path(repository);
        switch (reference) {
            case ManifestReference.ByDigest(Digest digest) ->
                keep(repository, client.manifest(path, digest.toString()), List.of());
            case ManifestReference.ByTag(TagName tag) -> {
                Optional<Digest> now =
                        client.manifestDescriptor(path, tag.value()).map(Descriptor::digest);
                if (now.isEmpty() || !now.equals(tags.find(repository, tag))) {
                    keep(repository, client.manifest(path, tag.value()), List.of(tag));
                }
            }
        }
    }

    private void keep(RepositoryName repository, RemoteManifest fetched, List<TagName> names) throws IOException {
        try {
            manifests.keep(repository, fetched.digest(), names, fetched.mediaType(), fetched.content());
        } catch (RegistryException e) {
            throw new IOException("not a manifest that is served here: " + e.getMessage(), e);
        }
    }

    /**
     * Fetches what refers to a manifest, such as its signatures, as {@link #refresh} does with the manifest itself.
     */
    public void refreshReferrers(Upstream upstream, RepositoryName repository, Digest subject) {
        RecentTags.Key key = new RecentTags.Key(repository, "referrers of " + subject);
        if (recent.isRecent(key, clock.instant()) || upstream.isDown()) {
            return;
        }
        try {
            flights.run(key, () -> fetchReferrers(upstream, repository, subject));
            recent.keep(key, clock.instant().plus(properties.fresh()));
        } catch (IOException e) {
            if (!UpstreamFailure.isUnknown(e)) {
                upstream.failed(e);
                LOG.atWarn()
                        .setCause(e)
                        .addKeyValue("registry", upstream.registry())
                        .addKeyValue("repository", repository)
                        .log("cannot fetch referrers");
            }
            recent.keep(key, clock.instant().plus(properties.retry()));
        }
    }

    private void fetchReferrers(Upstream upstream, RepositoryName repository, Digest subject) throws IOException {
        for (Descriptor referrer : upstream.client().referrers(upstream.path(repository), subject)) {
            ManifestReference reference = new ManifestReference.ByDigest(referrer.digest());
            if (manifests.find(repository, reference).isEmpty()) {
                fetch(upstream, repository, reference);
            }
        }
    }
}
