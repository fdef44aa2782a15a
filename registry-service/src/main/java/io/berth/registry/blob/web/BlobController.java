package io.berth.registry.blob.web;

import io.berth.oci.Digest;
import io.berth.registry.blob.BlobLinks;
import io.berth.registry.blob.BlobStore;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.repository.RepositoryName;
import io.berth.registry.storage.Content;
import io.berth.registry.traffic.Traffic;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Pulling, checking and deleting blobs (distribution specification, "Pulling blobs", "Deleting Blobs"). */
@RestController
@RequestMapping("/v2/{name}/blobs/{digest}")
final class BlobController {
    private static final Logger LOG = LoggerFactory.getLogger(BlobController.class);
    private static final int CHUNK = 128 * 1024;

    private final BlobLinks links;
    private final BlobStore store;
    private final Traffic traffic;

    BlobController(BlobLinks links, BlobStore store, Traffic traffic) {
        this.links = links;
        this.store = store;
        this.traffic = traffic;
    }

    /** GET and HEAD. The body is streamed from the file; a single range gets 206, an unsatisfiable one 416. */
    @GetMapping
    void pull(
            @PathVariable RepositoryName name,
            @PathVariable Digest digest,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        boolean head = HttpMethod.HEAD.matches(request.getMethod());
        // Who asks by HEAD wants to know whether the blob need not be pushed.
        if ((head ? links.offer(name, digest) : links.size(name, digest)).isEmpty()) {
            throw unknown(digest);
        }
        Optional<URI> elsewhere = head ? Optional.empty() : store.redirect(digest);
        if (elsewhere.isPresent()) {
            response.setHeader("Docker-Content-Digest", digest.toString());
            response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store"); // the link ends before the blob does
            response.setHeader(HttpHeaders.LOCATION, elsewhere.get().toString());
            response.setStatus(HttpServletResponse.SC_TEMPORARY_REDIRECT);
            return;
        }
        Optional<Content> stored = store.open(digest);
        if (stored.isEmpty()) {
            LOG.atError().addKeyValue("digest", digest).log("content of a linked blob is missing");
            throw unknown(digest);
        }
        try (Content content = stored.get()) {
            answer(digest, content, request, response);
        }
    }

    private void answer(Digest digest, Content content, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        String tag = "\"" + digest + "\"";
        response.setHeader(HttpHeaders.ETAG, tag);
        response.setHeader("Docker-Content-Digest", digest.toString());
        response.setHeader(HttpHeaders.ACCEPT_RANGES, "bytes");
        response.setHeader(HttpHeaders.CACHE_CONTROL, "max-age=31536000");
        if (namesTag(request.getHeader(HttpHeaders.IF_NONE_MATCH), tag)) {
            response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
            return;
        }
        boolean head = HttpMethod.HEAD.matches(request.getMethod());
        String ifRange = request.getHeader(HttpHeaders.IF_RANGE);
        Optional<ByteRange> range = head || (ifRange != null && !ifRange.equals(tag))
                ? Optional.empty() // RFC 9110 defines Range for GET only
                : ByteRange.parse(request.getHeader(HttpHeaders.RANGE), content.size());
        if (range.isPresent()) {
            response.setHeader(HttpHeaders.CONTENT_RANGE, range.get().contentRange(content.size()));
            if (!range.get().satisfiable()) {
                throw RegistryException.of(
                        HttpServletResponse.SC_REQUESTED_RANGE_NOT_SATISFIABLE,
                        ErrorCode.SIZE_INVALID,
                        "the blob has " + content.size() + " bytes");
            }
            response.setStatus(HttpServletResponse.SC_PARTIAL_CONTENT);
        }
        ByteRange part = range.orElse(new ByteRange(0, content.size()));
        response.setContentType("application/octet-stream");
        response.setContentLengthLong(part.length());
        if (head) {
            return;
        }
        traffic.blobSent(part.length());
        if (!KernelSend.hand(request, content.file(), part)) {
            send(content, part, response.getOutputStream());
        }
    }

    private static boolean namesTag(@Nullable String header, String tag) {
        return header != null && (header.equals("*") || header.contains(tag));
    }

    private static void send(Content content, ByteRange part, ServletOutputStream out) throws IOException {
        try (InputStream in = content.read(part.first(), part.length())) {
            byte[] buffer = new byte[(int) Math.min(CHUNK, Math.max(1, part.length()))];
            int read;
            while ((read = in.read(buffer)) >= 0) {
                out.write(buffer, 0, read);
            }
        }
    }

    /** Removes the repository's link; other repositories keep theirs, the content goes with the last one. */
    @DeleteMapping
    ResponseEntity<Void> delete(@PathVariable RepositoryName name, @PathVariable Digest digest) {
        if (!links.unlink(name, digest)) {
            throw unknown(digest);
        }
        return ResponseEntity.accepted().build();
    }

    private static RegistryException unknown(Digest digest) {
        return RegistryException.about(ErrorCode.BLOB_UNKNOWN, "digest", digest);
    }
}
