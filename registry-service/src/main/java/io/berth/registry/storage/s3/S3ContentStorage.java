package io.berth.registry.storage.s3;

import io.berth.oci.Digest;
import io.berth.registry.storage.Content;
import io.berth.registry.storage.ContentStorage;
import io.berth.registry.storage.Location;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Content as objects {@code content/<two hex digits>/<uuid>}. S3 shows an object only when it is whole. Thread-safe. */
final class S3ContentStorage implements ContentStorage {
    static final String PREFIX = "content/";

    private final S3Bucket bucket;
    private final @Nullable Duration linkLifetime;

    /** @param linkLifetime of links for clients; null when they read from the registry only */
    S3ContentStorage(S3Bucket bucket, @Nullable Duration linkLifetime) {
        this.bucket = bucket;
        this.linkLifetime = linkLifetime;
    }

    @Override
    public Location newLocation(Digest digest) {
        return location(UUID.randomUUID());
    }

    static Location location(UUID id) {
        return new Location(PREFIX + id.toString().substring(0, 2) + "/" + id);
    }

    @Override
    public void write(Location location, byte[] content) throws IOException {
        bucket.put(location.value(), content, content.length);
    }

    @Override
    public Optional<Content> open(Location location) throws IOException {
        OptionalLong size = bucket.size(location.value());
        return size.isPresent()
                ? Optional.of(new S3Content(bucket, location.value(), size.getAsLong()))
                : Optional.empty();
    }

    /** An object; every part that is read is a request of its own. */
    private record S3Content(S3Bucket bucket, String key, long size) implements Content {
        @Override
        public InputStream read(long first, long length) throws IOException {
            return length == 0 ? InputStream.nullInputStream() : bucket.read(key, first, length);
        }

        @Override
        public void close() {
            // Nothing is open between two parts.
        }
    }

    @Override
    public void remove(Location location) throws IOException {
        bucket.delete(location.value());
    }

    @Override
    public Stream<Stored> stored() throws IOException {
        return bucket.list(PREFIX)
                .map(object -> new Stored(new Location(object.key()), object.size(), object.modifiedAt()));
    }

    @Override
    public boolean exclusive() {
        return false;
    }

    @Override
    public boolean redirects() {
        return linkLifetime != null;
    }

    @Override
    public Optional<URI> redirect(Location location) {
        return Optional.ofNullable(linkLifetime).map(lifetime -> bucket.link(location.value(), lifetime));
    }
}
