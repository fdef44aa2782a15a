package io.berth.registry.manifest.web;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.manifest.ManifestReference;
import io.berth.registry.manifest.Manifests;
import io.berth.registry.manifest.ServingRule;
import io.berth.registry.manifest.StoredManifest;
import io.berth.registry.repository.RepositoryName;
import io.berth.registry.tag.TagName;
import io.berth.registry.tag.Tags;
import io.berth.registry.traffic.Traffic;
import io.berth.unixhttp.RequestBodies;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Pushing, pulling and deleting manifests and tags (distribution specification, "Pushing Manifests" and others). */
@RestController
@RequestMapping("/v2/{name}/manifests/{reference}")
final class ManifestController {
    /** What the specification says a client may rely on. */
    private static final int MAX_SIZE = 4 * 1024 * 1024;

    /** Some forty tags of the greatest length, some five hundred of the least. */
    private static final int MAX_TAG_HEADERS_LENGTH = 6 * 1024;

    private static final int TAG_HEADER_LENGTH = "OCI-Tag: \r\n".length();

    private final Manifests manifests;
    private final Tags tags;
    private final List<ServingRule> rules;
    private final Traffic traffic;

    ManifestController(Manifests manifests, Tags tags, List<ServingRule> rules, Traffic traffic) {
        this.manifests = manifests;
        this.tags = tags;
        this.rules = List.copyOf(rules);
        this.traffic = traffic;
    }

    /**
     * GET and HEAD. {@code Accept} is not held against the caller: there is one representation, and clients that do not list
     * its type can still read the Content-Type.
     */
    @GetMapping
    void pull(
            @PathVariable RepositoryName name,
            @PathVariable String reference,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        boolean head = HttpMethod.HEAD.matches(request.getMethod());
        // Who asks by HEAD may be about to push an index that names the manifest.
        StoredManifest manifest = ManifestReference.parse(reference)
                .flatMap(known -> head ? manifests.offer(name, known) : manifests.find(name, known))
                .orElseThrow(() -> unknown(reference));
        String tag = "\"" + manifest.digest() + "\"";
        response.setHeader(HttpHeaders.ETAG, tag);
        response.setHeader("Docker-Content-Digest", manifest.digest().toString());
        String cached = request.getHeader(HttpHeaders.IF_NONE_MATCH);
        if (cached != null && cached.contains(tag)) {
            response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
            return;
        }
        if (!head) {
            for (ServingRule rule : rules) {
                rule.serve(name, manifest);
            }
        }
        byte[] content = head ? new byte[0] : manifests.content(manifest).orElseThrow(() -> unknown(reference));
        response.setContentType(manifest.mediaType());
        response.setContentLengthLong(manifest.size());
        traffic.manifestSent(content.length);
        response.getOutputStream().write(content);
    }

    /** Stores the body under a tag, or under its digest and any number of {@code tag} parameters. */
    @PutMapping
    ResponseEntity<Void> push(
            @PathVariable RepositoryName name,
            @PathVariable String reference,
            @RequestParam(name = "tag", required = false) @Nullable List<String> tag,
            HttpServletRequest request)
            throws IOException {
        ManifestReference target = ManifestReference.parse(reference).orElseThrow(() -> invalidTag(reference));
        byte[] content = body(request);
        traffic.manifestReceived(content.length);
        String contentType = request.getContentType();
        return switch (target) {
            case ManifestReference.ByDigest(Digest digest) -> {
                List<TagName> newTags = tag == null
                        ? List.of()
                        : tag.stream()
                                .map(ManifestController::tagName)
                                .distinct()
                                .toList();
                requireRoom(newTags);
                Manifests.Pushed pushed = manifests.push(name, digest, newTags, contentType, content);
                yield created(name, pushed, newTags);
            }
            case ManifestReference.ByTag(TagName single) ->
                created(name, manifests.push(name, null, List.of(single), contentType, content), List.of());
        };
    }

    /** Each tag comes back in a header of its own, and heads of responses are limited on their way. */
    private static void requireRoom(List<TagName> newTags) {
        int length = newTags.stream()
                .mapToInt(tag -> tag.value().length() + TAG_HEADER_LENGTH)
                .sum();
        if (length > MAX_TAG_HEADERS_LENGTH) {
            throw RegistryException.of(
                    HttpServletResponse.SC_REQUEST_URI_TOO_LONG,
                    ErrorCode.MANIFEST_INVALID,
                    "too many tags for one request");
        }
    }

    private static byte[] body(HttpServletRequest request) throws IOException {
        try {
            return RequestBodies.read(request, MAX_SIZE);
        } catch (RequestBodies.Refused e) {
            throw switch (e.refusal()) {
                case TOO_LARGE -> tooLarge();
                case NO_ROOM ->
                    RegistryException.of(
                            HttpServletResponse.SC_SERVICE_UNAVAILABLE,
                            ErrorCode.TOOMANYREQUESTS,
                            "too many large manifests are being pushed: try again");
            };
        }
    }

    private static ResponseEntity<Void> created(RepositoryName name, Manifests.Pushed pushed, List<TagName> newTags) {
        ResponseEntity.BodyBuilder response = ResponseEntity.status(HttpStatus.CREATED)
                .header(HttpHeaders.LOCATION, "/v2/" + name + "/manifests/" + pushed.digest())
                .header("Docker-Content-Digest", pushed.digest().toString());
        Descriptor subject = pushed.document().subject();
        if (subject != null) {
            response.header("OCI-Subject", subject.digest().toString());
        }
        newTags.forEach(newTag -> response.header("OCI-Tag", newTag.value()));
        return response.build();
    }

    /** Removes a tag, or a manifest with every tag that points at it. */
    @DeleteMapping
    ResponseEntity<Void> delete(@PathVariable RepositoryName name, @PathVariable String reference) {
        boolean deleted = ManifestReference.parse(reference)
                .map(known -> switch (known) {
                    case ManifestReference.ByDigest(Digest digest) -> manifests.delete(name, digest);
                    case ManifestReference.ByTag(TagName tag) -> tags.delete(name, tag);
                })
                .orElse(false);
        if (!deleted) {
            throw unknown(reference);
        }
        return ResponseEntity.accepted().build();
    }

    private static TagName tagName(String text) {
        if (!TagName.isValid(text)) {
            throw invalidTag(text);
        }
        return new TagName(text);
    }

    private static RegistryException invalidTag(String text) {
        return RegistryException.about(ErrorCode.MANIFEST_INVALID, "tag", text);
    }

    private static RegistryException tooLarge() {
        return RegistryException.of(
                HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE,
                ErrorCode.MANIFEST_INVALID,
                "manifest is larger than " + MAX_SIZE + " bytes");
    }

    private static RegistryException unknown(String reference) {
        return RegistryException.about(ErrorCode.MANIFEST_UNKNOWN, "reference", reference);
    }
}
