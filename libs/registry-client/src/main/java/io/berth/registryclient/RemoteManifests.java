package io.berth.registryclient;

import io.berth.json.Bounds;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Manifests and tags of a registry's repositories (distribution specification, "Pull", "Push", "Content Discovery"). */
final class RemoteManifests {
    /** Largest manifest that is taken, as registries limit them. */
    static final int MAX_LENGTH = 4 << 20;

    private static final JsonMapper JSON = Bounds.CONTENT.mapper().build();
    private static final int MAX_REFERRERS = 256;
    private static final int MAX_TAGS = 100_000;
    private static final Pattern NEXT_LINK = Pattern.compile("<([^>]+)>\\s*;\\s*rel=\"?next\"?");
    private static final String ACCEPT = String.join(
            ", ", MediaType.OCI_INDEX, MediaType.OCI_MANIFEST, MediaType.DOCKER_INDEX, MediaType.DOCKER_MANIFEST);

    private final RegistryConnection connection;

    RemoteManifests(RegistryConnection connection) {
        this.connection = connection;
    }

    private URI uri(String repository, String reference) {
        return connection.endpoint().uri(repository + "/manifests/" + reference);
    }

    RemoteManifest get(String repository, String reference) throws IOException {
        RegistryConnection.Call call = RegistryConnection.Call.get(
                uri(repository, reference), Scope.pull(repository), Map.of("Accept", ACCEPT));
        for (int attempt = 1; ; attempt++) {
            HttpResponse<InputStream> response = connection.send(call, Sender.Repeat.ALWAYS);
            if (response.statusCode() != 200) {
                throw RegistryConnection.refusal(response);
            }
            byte[] content;
            try (InputStream body = response.body()) {
                content = body.readNBytes(MAX_LENGTH + 1);
            } catch (IOException e) {
                if (attempt >= connection.sender().limits().attempts()
                        || Thread.currentThread().isInterrupted()) {
                    throw Failures.describe("GET", call.uri(), e);
                }
                connection.sender().pause(attempt);
                continue;
            }
            if (content.length > MAX_LENGTH) {
                throw RegistryException.corrupt("manifest for " + repository + " is larger than 4 MiB");
            }
            Digest digest = verified(reference, response, content);
            return RemoteManifest.of(
                    response.headers().firstValue("Content-Type").orElse(""), digest, content);
        }
    }

    /** The digest that the content really has, after comparing it with the one asked for or, else, the one stated. */
    private static Digest verified(String reference, HttpResponse<?> response, byte[] content)
            throws RegistryException {
        Optional<Digest> asked = digest(reference);
        Optional<Digest> wanted = asked.isPresent()
                ? asked
                : response.headers().firstValue("Docker-Content-Digest").flatMap(RemoteManifests::digest);
        if (wanted.isEmpty()) {
            return Digest.sha256(content);
        }
        if (!wanted.get().matches(wanted.get().newMessageDigest().digest(content))) {
            throw RegistryException.corrupt("manifest verification failed for digest " + wanted.get());
        }
        return wanted.get();
    }

    private static Optional<Digest> digest(String text) {
        try {
            return Optional.of(Digest.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    Optional<Descriptor> head(String repository, String reference) throws IOException {
        HttpResponse<InputStream> response = connection.send(
                new RegistryConnection.Call(
                        "HEAD", uri(repository, reference), Scope.pull(repository), Map.of("Accept", ACCEPT), null),
                Sender.Repeat.ALWAYS);
        response.body().close();
        return switch (response.statusCode()) {
            case 200 -> descriptor(response);
            case 404 -> Optional.empty();
            default -> throw RegistryErrors.of(response.statusCode(), response.headers(), new byte[0]);
        };
    }

    private static Optional<Descriptor> descriptor(HttpResponse<?> response) {
        return response.headers()
                .firstValue("Docker-Content-Digest")
                .flatMap(RemoteManifests::digest)
                .map(digest -> Descriptor.of(
                        response.headers().firstValue("Content-Type").orElse(""),
                        digest,
                        Math.max(
                                0,
                                response.headers()
                                        .firstValueAsLong("Content-Length")
                                        .orElse(0))));
    }

    void put(String repository, String reference, String mediaType, byte[] content) throws IOException {
        HttpResponse<InputStream> response = connection.send(
                new RegistryConnection.Call(
                        "PUT",
                        uri(repository, reference),
                        Scope.push(repository),
                        Map.of("Content-Type", mediaType),
                        RegistryConnection.Upload.of(content)),
                Sender.Repeat.ALWAYS);
        if (response.statusCode() / 100 != 2) {
            throw RegistryConnection.refusal(response);
        }
        response.body().close();
    }

    /**
     * What refers to a manifest (distribution specification, "Listing Referrers"): by the API or, where a registry has not got
     * it, by the tag that stands for it.
     *
     * @return at most {@value #MAX_REFERRERS}; the registry's word, not verified
     */
    List<Descriptor> referrers(String repository, Digest subject) throws IOException {
        HttpResponse<InputStream> response = connection.send(
                RegistryConnection.Call.get(
                        connection.endpoint().uri(repository + "/referrers/" + subject),
                        Scope.pull(repository),
                        Map.of("Accept", MediaType.OCI_INDEX)),
                Sender.Repeat.ALWAYS);
        if (response.statusCode() == 200) {
            byte[] content;
            try (InputStream body = response.body()) {
                content = body.readNBytes(MAX_LENGTH);
            }
            return firstOf(RemoteManifest.of(MediaType.OCI_INDEX, Digest.sha256(content), content));
        }
        response.body().close();
        String tag = subject.algorithm() + "-" + subject.hex();
        return head(repository, tag).isEmpty() ? List.of() : firstOf(get(repository, tag));
    }

    private static List<Descriptor> firstOf(RemoteManifest referrers) throws RegistryException {
        return referrers.isIndex()
                ? referrers.index().manifests().stream().limit(MAX_REFERRERS).toList()
                : List.of();
    }

    List<String> tags(String repository) throws IOException {
        URI uri = connection.endpoint().uri(repository + "/tags/list");
        List<String> tags = new ArrayList<>();
        while (true) {
            HttpResponse<InputStream> response = connection.send(
                    RegistryConnection.Call.get(uri, Scope.pull(repository), Map.of()), Sender.Repeat.ALWAYS);
            if (response.statusCode() != 200) {
                throw RegistryConnection.refusal(response);
            }
            int before = tags.size();
            try (InputStream body = response.body()) {
                for (JsonNode tag : JSON.readTree(body.readNBytes(MAX_LENGTH)).path("tags")) {
                    tags.add(tag.asString(""));
                }
            } catch (JacksonException e) {
                throw new RegistryException(0, "", "the list of tags of " + repository + " is not JSON", e);
            }
            Matcher next =
                    NEXT_LINK.matcher(response.headers().firstValue("Link").orElse(""));
            if (!next.find() || tags.size() == before || tags.size() > MAX_TAGS) {
                return List.copyOf(tags);
            }
            uri = link(uri, next.group(1));
        }
    }

    private URI link(URI from, String link) throws RegistryException {
        try {
            URI uri = from.resolve(URI.create(link));
            if (connection.endpoint().sameOrigin(uri)) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw new RegistryException(0, "", "invalid Link from registry: \"" + link + "\"", e);
        }
        throw new RegistryException(0, "", "refusing Link from registry: \"" + link + "\"", null);
    }
}
