package io.berth.registry.storage.s3;

import io.berth.registry.storage.StorageUnavailable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/**
 * What is asked of S3. Its errors are {@link IOException}, and {@link StorageUnavailable} where the service does not answer or is
 * too busy. The client has tried again by then. Thread-safe.
 */
final class S3Bucket implements AutoCloseable {
    private static final int NOT_FOUND = 404;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERROR = 500;
    private static final String CONTENT_TYPE = "application/octet-stream";

    private final String bucket;
    private final String prefix;
    private final S3Client client;
    private final S3Presigner presigner;

    S3Bucket(String bucket, String prefix, S3Client client, S3Presigner presigner) {
        this.bucket = bucket;
        this.prefix = prefix;
        this.client = client;
        this.presigner = presigner;
    }

    /** One object of a list. */
    record Listed(String key, long size, Instant modifiedAt) {}

    /** One upload in parts that has not ended. */
    record Unfinished(String key, String upload, Instant begunAt) {}

    private interface Call<T> {
        T run();
    }

    private <T> T call(String what, String key, Call<T> call) throws IOException {
        try {
            return call.run();
        } catch (SdkException e) {
            throw failure(what, key, e);
        }
    }

    private <T> Optional<T> found(String what, String key, Call<T> call) throws IOException {
        try {
            return Optional.of(call.run());
        } catch (SdkException e) {
            if (e instanceof S3Exception answer && answer.statusCode() == NOT_FOUND && !noBucket(answer)) {
                return Optional.empty();
            }
            throw failure(what, key, e);
        }
    }

    private static boolean noBucket(S3Exception answer) {
        return answer.awsErrorDetails() != null
                && "NoSuchBucket".equals(answer.awsErrorDetails().errorCode());
    }

    private IOException failure(String what, String key, SdkException e) {
        String message = "s3 " + what + " of " + key + " in bucket " + bucket + " failed";
        boolean refused = e instanceof S3Exception answer
                && answer.statusCode() < SERVER_ERROR
                && answer.statusCode() != TOO_MANY_REQUESTS;
        return refused ? new IOException(message, e) : new StorageUnavailable(message, e);
    }

    /**
     * Asks for something that only an existing bucket and valid credentials answer.
     *
     * @throws IllegalStateException with what to do about it
     */
    void require() {
        try {
            var _ = client.listObjectsV2(
                    request -> request.bucket(bucket).prefix(prefix).maxKeys(1));
        } catch (S3Exception e) {
            String code = e.awsErrorDetails() == null
                    ? String.valueOf(e.statusCode())
                    : e.awsErrorDetails().errorCode();
            throw new IllegalStateException(
                    "cannot use the S3 bucket " + bucket + ": " + code + ": " + advice(code), e);
        } catch (SdkException e) {
            throw new IllegalStateException(
                    "cannot reach the S3 bucket " + bucket + ": check berth.registry.s3.endpoint, .region and the"
                            + " credentials: " + e.getMessage(),
                    e);
        }
    }

    private static String advice(String code) {
        return switch (code) {
            case "NoSuchBucket" -> "create it, or name another one with berth.registry.s3.bucket";
            case "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "403" ->
                "check berth.registry.s3.access-key and .secret-key-file, and what they may do";
            case "PermanentRedirect", "AuthorizationHeaderMalformed", "301" -> "check berth.registry.s3.region";
            default -> "check the settings berth.registry.s3";
        };
    }

    private static String md5(byte[] content, int length) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5"); // S3's own word against damage on the way
            digest.update(content, 0, length);
            return Base64.getEncoder().encodeToString(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }

    private static RequestBody body(byte[] content, int length) {
        return RequestBody.fromContentProvider(
                () -> new ByteArrayInputStream(content, 0, length), length, CONTENT_TYPE);
    }

    /**
     * Stores an object; durable on return.
     *
     * @param length how many bytes of the array
     */
    void put(String key, byte[] content, int length) throws IOException {
        call(
                "put",
                key,
                () -> client.putObject(
                        request -> request.bucket(bucket).key(prefix + key).contentMD5(md5(content, length)),
                        body(content, length)));
    }

    /** Size in bytes; empty when there is no such object. */
    OptionalLong size(String key) throws IOException {
        Optional<Long> size = found(
                "head",
                key,
                () -> client.headObject(request -> request.bucket(bucket).key(prefix + key))
                        .contentLength());
        if (size.isEmpty()) {
            // The answer to HEAD has no body, so a bucket that has gone looks the same; a list tells them apart.
            var _ = call(
                    "list",
                    key,
                    () -> client.listObjectsV2(request ->
                            request.bucket(bucket).prefix(prefix + key).maxKeys(1)));
        }
        return size.map(OptionalLong::of).orElse(OptionalLong.empty());
    }

    /** A part of an object, of at least one byte. The caller closes it. */
    InputStream read(String key, long first, long length) throws IOException {
        return call(
                "get",
                key,
                () -> new AbortingStream(client.getObject(request -> request.bucket(bucket)
                        .key(prefix + key)
                        .range("bytes=" + first + "-" + (first + length - 1)))));
    }

    void delete(String key) throws IOException {
        call(
                "delete",
                key,
                () -> client.deleteObject(request -> request.bucket(bucket).key(prefix + key)));
    }

    /** All objects whose key begins so; read page by page as the stream is, which fails with {@link UncheckedIOException}. */
    Stream<Listed> list(String start) {
        return stream(
                        "list",
                        start,
                        () -> client.listObjectsV2Paginator(
                                        request -> request.bucket(bucket).prefix(prefix + start))
                                .contents()
                                .iterator())
                .map(object ->
                        new Listed(object.key().substring(prefix.length()), object.size(), object.lastModified()));
    }

    private <T> Stream<T> stream(String what, String start, Call<Iterator<T>> begin) {
        Iterator<T> pages = unchecked(what, start, begin);
        Iterator<T> items = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return unchecked(what, start, pages::hasNext);
            }

            @Override
            public T next() {
                return unchecked(what, start, pages::next);
            }
        };
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(items, 0), false);
    }

    private <T> T unchecked(String what, String key, Call<T> call) {
        try {
            return call.run();
        } catch (SdkException e) {
            throw new UncheckedIOException(failure(what, key, e));
        }
    }

    /** Begins an upload in parts; its id. */
    String begin(String key) throws IOException {
        return call(
                "create of an upload",
                key,
                () -> client.createMultipartUpload(
                                request -> request.bucket(bucket).key(prefix + key))
                        .uploadId());
    }

    /**
     * Sends a part, over one of the same number if there is one.
     *
     * @param length how many bytes of the array, 5 MiB at least unless it is the last part
     * @return its entity tag; empty when the upload has ended
     */
    Optional<String> part(String key, String upload, int number, byte[] content, int length) throws IOException {
        return found(
                "upload of a part",
                key,
                () -> client.uploadPart(
                                request -> request.bucket(bucket)
                                        .key(prefix + key)
                                        .uploadId(upload)
                                        .partNumber(number)
                                        .contentMD5(md5(content, length)),
                                body(content, length))
                        .eTag());
    }

    /** Makes an object of parts; durable on return. Whether the upload was there. */
    boolean complete(String key, String upload, List<String> tags) throws IOException {
        List<CompletedPart> parts = new ArrayList<>();
        for (String tag : tags) {
            parts.add(CompletedPart.builder()
                    .partNumber(parts.size() + 1)
                    .eTag(tag)
                    .build());
        }
        return found(
                        "completion",
                        key,
                        () -> client.completeMultipartUpload(request -> request.bucket(bucket)
                                .key(prefix + key)
                                .uploadId(upload)
                                .multipartUpload(all -> all.parts(parts))))
                .isPresent();
    }

    /** Gives the parts of an upload back, if it is there. */
    void abort(String key, String upload) throws IOException {
        var _ = found(
                "abort",
                key,
                () -> client.abortMultipartUpload(
                        request -> request.bucket(bucket).key(prefix + key).uploadId(upload)));
    }

    /** All uploads in parts that have not ended, of keys that begin so; as {@link #list}. */
    Stream<Unfinished> unfinished(String start) {
        return stream(
                        "list of uploads",
                        start,
                        () -> client.listMultipartUploadsPaginator(
                                        request -> request.bucket(bucket).prefix(prefix + start))
                                .uploads()
                                .iterator())
                .map(upload ->
                        new Unfinished(upload.key().substring(prefix.length()), upload.uploadId(), upload.initiated()));
    }

    /** A link by which anybody reads an object for a while. */
    URI link(String key, Duration lifetime) {
        return URI.create(presigner
                .presignGetObject(presign -> presign.signatureDuration(lifetime)
                        .getObjectRequest(request ->
                                request.bucket(bucket).key(prefix + key).responseContentType(CONTENT_TYPE)))
                .url()
                .toString());
    }

    @Override
    public void close() {
        client.close();
        presigner.close();
    }
}
