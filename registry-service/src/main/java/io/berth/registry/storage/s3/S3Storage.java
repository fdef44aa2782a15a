package io.berth.registry.storage.s3;

import io.berth.registry.durability.DataDirectory;
import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.storage.ContentStorage;
import io.berth.registry.storage.RemoteStorage;
import io.berth.registry.storage.UploadStorage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The bucket and what uses it, if there is one. A registry whose bucket is missing or closed to it does not start: it would take
 * requests that can only fail.
 */
final class S3Storage implements RemoteStorage, SmartLifecycle, AutoCloseable {
    private record Used(S3Bucket bucket, ContentStorage contents, UploadStorage uploads, S3UploadClaims claims) {}

    private final @Nullable Used used;
    private boolean running;

    private S3Storage(@Nullable Used used) {
        this.used = used;
    }

    static S3Storage unused() {
        return new S3Storage(null);
    }

    /** @throws IllegalStateException when no bucket is named */
    static S3Storage of(S3Properties properties, JdbcClient database, DurableTransactions transactions) {
        S3Bucket bucket = bucket(properties);
        S3UploadClaims claims = new S3UploadClaims(database, transactions);
        S3UploadRows rows = new S3UploadRows(database, transactions);
        int partSize = (int) properties.partSize().toBytes();
        return new S3Storage(new Used(
                bucket,
                new S3ContentStorage(bucket, properties.redirect() ? properties.redirectLifetime() : null),
                new S3UploadStorage(bucket, rows, claims, partSize),
                claims));
    }

    static S3Bucket bucket(S3Properties properties) {
        String name = properties.bucket();
        if (name == null || name.isBlank()) {
            throw new IllegalStateException("berth.registry.storage=s3 needs berth.registry.s3.bucket");
        }
        return new S3Bucket(name, properties.prefix(), S3Clients.client(properties), S3Clients.presigner(properties));
    }

    @Override
    public Optional<ContentStorage> contents() {
        return Optional.ofNullable(used).map(Used::contents);
    }

    @Override
    public Optional<UploadStorage> uploads() {
        return Optional.ofNullable(used).map(Used::uploads);
    }

    /** @throws IllegalStateException when the bucket cannot be used, with what to do about it */
    @Override
    public synchronized void start() {
        if (used != null) {
            used.bucket().require();
            used.claims().start();
        }
        running = true;
    }

    @Override
    public synchronized void stop() {
        if (used != null) {
            used.claims().stop();
        }
        running = false;
    }

    @Override
    public synchronized boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return DataDirectory.PHASE;
    }

    @Override
    public void close() {
        if (used != null) {
            used.bucket().close();
        }
    }
}
