package io.berth.registry.upload.web;

import io.berth.oci.Digest;
import io.berth.registry.access.Action;
import io.berth.registry.access.Callers;
import io.berth.registry.blob.BlobLinks;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.repository.RepositoryName;
import io.berth.registry.traffic.Traffic;
import io.berth.registry.upload.Chunk;
import io.berth.registry.upload.ChunkOutOfOrder;
import io.berth.registry.upload.HashAlgorithm;
import io.berth.registry.upload.Uploads;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Pushing blobs (distribution specification, "Pushing blobs", "Mounting a blob from another repository"). */
@RestController
final class UploadController {
    private static final String SESSION = "/v2/{name}/blobs/uploads/{id}";

    private final Uploads uploads;
    private final BlobLinks links;
    private final Traffic traffic;

    UploadController(Uploads uploads, BlobLinks links, Traffic traffic) {
        this.uploads = uploads;
        this.links = links;
        this.traffic = traffic;
    }

    /**
     * Starts a session (202); or takes the whole blob at once with {@code digest} (201); or links another repository's blob
     * with {@code mount} and {@code from} (201), falling back to a session when that repository does not link it or the caller
     * may not pull from it, which must look the same.
     */
    @PostMapping({"/v2/{name}/blobs/uploads/", "/v2/{name}/blobs/uploads"})
    ResponseEntity<Void> start(
            @PathVariable RepositoryName name,
            @RequestParam(required = false) @Nullable Digest digest,
            @RequestParam(required = false) @Nullable Digest mount,
            @RequestParam(required = false) @Nullable RepositoryName from,
            @RequestParam(name = "digest-algorithm", required = false) @Nullable String algorithm,
            HttpServletRequest request)
            throws IOException {
        if (mount != null
                && from != null
                && Callers.current().may(from.value(), Action.PULL)
                && links.mount(name, from, mount)) {
            return created(name, mount);
        }
        if (digest != null && mount == null) {
            uploads.take(name, digest, chunk(request));
            return created(name, digest);
        }
        UUID id = uploads.start(name, HashAlgorithm.of(algorithm != null ? algorithm : HashAlgorithm.SHA256.ociName()));
        return status(HttpStatus.ACCEPTED, name, id.toString(), 0);
    }

    /** Appends a chunk: at {@code Content-Range}, or without one wherever the last ended. */
    @PatchMapping(SESSION)
    ResponseEntity<Void> append(
            @PathVariable RepositoryName name,
            @PathVariable String id,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        try {
            long offset = uploads.append(name, id, chunk(request));
            return status(HttpStatus.ACCEPTED, name, id, offset);
        } catch (ChunkOutOfOrder e) {
            describe(response, name, id, e.offset());
            throw e;
        }
    }

    /** Appends the last chunk, if there is one, and makes the whole a blob. */
    @PutMapping(SESSION)
    ResponseEntity<Void> finish(
            @PathVariable RepositoryName name,
            @PathVariable String id,
            @RequestParam(required = false) @Nullable Digest digest,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        if (digest == null) {
            throw RegistryException.of(ErrorCode.DIGEST_INVALID, "the parameter digest is missing");
        }
        try {
            uploads.finish(name, id, digest, chunk(request));
        } catch (ChunkOutOfOrder e) {
            describe(response, name, id, e.offset());
            throw e;
        }
        return created(name, digest);
    }

    @GetMapping(SESSION)
    ResponseEntity<Void> progress(@PathVariable RepositoryName name, @PathVariable String id) throws IOException {
        return status(HttpStatus.NO_CONTENT, name, id, uploads.offset(name, id));
    }

    @DeleteMapping(SESSION)
    ResponseEntity<Void> cancel(@PathVariable RepositoryName name, @PathVariable String id) throws IOException {
        uploads.cancel(name, id);
        return ResponseEntity.noContent().build();
    }

    private Chunk chunk(HttpServletRequest request) throws IOException {
        // Neither a length nor chunked framing means that there is no body.
        boolean empty = request.getContentLengthLong() < 0 && request.getHeader(HttpHeaders.TRANSFER_ENCODING) == null;
        InputStream body = empty ? InputStream.nullInputStream() : traffic.blobReceived(request.getInputStream());
        String range = request.getHeader(HttpHeaders.CONTENT_RANGE);
        return Chunk.of(body, range, request.getContentLengthLong());
    }

    private static ResponseEntity<Void> status(HttpStatus status, RepositoryName name, String id, long offset) {
        return ResponseEntity.status(status)
                .header(HttpHeaders.LOCATION, location(name, id))
                .header(HttpHeaders.RANGE, range(offset))
                .header("Docker-Upload-UUID", id)
                .build();
    }

    private static void describe(HttpServletResponse response, RepositoryName name, String id, long offset) {
        response.setHeader(HttpHeaders.LOCATION, location(name, id));
        response.setHeader(HttpHeaders.RANGE, range(offset));
    }

    /** Relative: the caller knows by which address it came here, the registry does not. */
    private static String location(RepositoryName name, String id) {
        return "/v2/" + name + "/blobs/uploads/" + id;
    }

    /** The range has an inclusive end, so nothing at all looks like one byte; every registry answers that. */
    private static String range(long offset) {
        return "0-" + Math.max(0, offset - 1);
    }

    private static ResponseEntity<Void> created(RepositoryName name, Digest digest) {
        return ResponseEntity.status(HttpStatus.CREATED)
                .header(HttpHeaders.LOCATION, "/v2/" + name + "/blobs/" + digest)
                .header("Docker-Content-Digest", digest.toString())
                .build();
    }
}
