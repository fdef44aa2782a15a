package io.berth.registry.upstream.web;

import io.berth.oci.Digest;
import io.berth.registry.blob.BlobLinks;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.manifest.ManifestReference;
import io.berth.registry.repository.RepositoryName;
import io.berth.registry.upstream.BlobFetch;
import io.berth.registry.upstream.CachedBlobs;
import io.berth.registry.upstream.CachedManifests;
import io.berth.registry.upstream.Upstream;
import io.berth.registry.upstream.Upstreams;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Before something of a cached repository is read: sees that it is here and up to date, so that the endpoints answer as for any
 * repository. A blob that is not here is handed through while it is being stored.
 */
@Component
final class UpstreamInterceptor implements HandlerInterceptor {
    private final Upstreams upstreams;
    private final CachedManifests manifests;
    private final CachedBlobs blobs;
    private final BlobLinks links;

    UpstreamInterceptor(Upstreams upstreams, CachedManifests manifests, CachedBlobs blobs, BlobLinks links) {
        this.upstreams = upstreams;
        this.manifests = manifests;
        this.blobs = blobs;
        this.links = links;
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
            throws IOException {
        Map<?, ?> variables =
                request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE) instanceof Map<?, ?> known
                        ? known
                        : Map.of();
        if (!(variables.get("name") instanceof String text)) {
            return true;
        }
        NamespaceFilter.requireKnown(request);
        if (upstreams.all().isEmpty()) {
            return true;
        }
        RepositoryName repository = new RepositoryName(text);
        Optional<Upstream> upstream = upstreams.of(repository);
        return upstream.isEmpty() || prepared(upstream.get(), repository, variables, request, response);
    }

    private boolean prepared(
            Upstream upstream,
            RepositoryName repository,
            Map<?, ?> variables,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        String pattern = String.valueOf(request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE));
        boolean head = request.getMethod().equals("HEAD");
        switch (request.getMethod()) {
            case "GET", "HEAD" -> {}
            case "DELETE" -> {
                return true; // whoever may may make room
            }
            default ->
                throw RegistryException.of(
                        ErrorCode.UNSUPPORTED,
                        "repository " + repository + " is a cache of " + upstream.registry()
                                + ": nothing can be pushed to it");
        }
        if (variables.get("reference") instanceof String text) {
            Optional<ManifestReference> reference = ManifestReference.parse(text);
            reference.ifPresent(known -> manifests.refresh(upstream, repository, known));
            return true;
        }
        Optional<Digest> named = digest(variables.get("digest"));
        if (named.isEmpty()) {
            return true; // the endpoint says what is wrong with it
        }
        Digest digest = named.get();
        if (pattern.contains("/referrers/")) {
            manifests.refreshReferrers(upstream, repository, digest);
            return true;
        }
        if (!pattern.contains("/blobs/") || links.size(repository, digest).isPresent()) {
            return true;
        }
        return head
                ? tell(upstream, repository, digest, response)
                : handThrough(upstream, repository, digest, request, response);
    }

    private static Optional<Digest> digest(@Nullable Object variable) {
        try {
            return variable instanceof String text ? Optional.of(Digest.parse(text)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private boolean tell(Upstream upstream, RepositoryName repository, Digest digest, HttpServletResponse response) {
        OptionalLong size = blobs.size(upstream, repository, digest);
        size.ifPresent(known -> describe(response, digest, known));
        return size.isEmpty();
    }

    private boolean handThrough(
            Upstream upstream,
            RepositoryName repository,
            Digest digest,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        Optional<BlobFetch> fetched = blobs.fetch(upstream, repository, digest);
        if (fetched.isEmpty()) {
            return true;
        }
        try (BlobFetch fetch = fetched.get()) {
            if (request.getHeader(HttpHeaders.RANGE) != null) {
                fetch.await();
                return true;
            }
            describe(response, digest, fetch.size());
            fetch.copyTo(response.getOutputStream());
            return false;
        }
    }

    private static void describe(HttpServletResponse response, Digest digest, long size) {
        response.setHeader(HttpHeaders.ETAG, "\"" + digest + "\"");
        response.setHeader("Docker-Content-Digest", digest.toString());
        response.setHeader(HttpHeaders.ACCEPT_RANGES, "bytes");
        response.setContentType("application/octet-stream");
        response.setContentLengthLong(size);
    }
}
