package io.berth.registry.limit;

import io.berth.oci.Digest;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.repository.RepositoryName;
import io.berth.registry.repository.RepositoryPrefix;
import io.berth.registry.repository.RepositoryRule;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * How much repositories have and may have. Two changes of what one quota covers wait for each other, in this and in other
 * processes, so that together they stay below it. Thread-safe.
 */
@Component
public class Quotas implements RepositoryRule {
    private final List<LimitProperties.Quota> quotas;
    private final JdbcClient database;

    Quotas(LimitProperties properties, JdbcClient database) {
        this.quotas = properties.quotas();
        quotas.forEach(LimitProperties.Quota::repositories); // fails at start when it is no name
        this.database = database;
    }

    /**
     * A quota and what is used of it.
     *
     * @param bytesLimit null for none
     * @param manifestsLimit null for none
     */
    public record Usage(
            String prefix,
            long bytes,
            @Nullable Long bytesLimit,
            long manifests,
            @Nullable Long manifestsLimit) {}

    /** All quotas, as they are configured. */
    public List<Usage> usage() {
        return quotas.stream().map(this::usage).toList();
    }

    private Usage usage(LimitProperties.Quota quota) {
        RepositoryPrefix prefix = quota.repositories();
        return new Usage(
                prefix.value(),
                bytes(prefix),
                quota.bytes() == null ? null : quota.bytes().toBytes(),
                manifests(prefix),
                quota.manifests());
    }

    /** @throws RegistryException DENIED when there is no room for a single byte more */
    @Override
    public void beginUpload(RepositoryName repository) {
        for (LimitProperties.Quota quota : covering(repository)) {
            requireBytes(quota, 1);
        }
    }

    /** @throws RegistryException DENIED when the blob is new to the repository and does not fit */
    @Override
    public void linkBlob(RepositoryName repository, Digest digest, long sizeBytes) {
        List<LimitProperties.Quota> covering = covering(repository);
        if (covering.isEmpty() || has("blob_link", repository, digest)) {
            return;
        }
        for (LimitProperties.Quota quota : covering) {
            lock(quota);
            requireBytes(quota, sizeBytes);
        }
    }

    /** @throws RegistryException DENIED when the manifest is new to the repository and does not fit */
    @Override
    public void storeManifest(RepositoryName repository, Digest digest, long sizeBytes) {
        List<LimitProperties.Quota> covering = covering(repository);
        if (covering.isEmpty() || has("manifest", repository, digest)) {
            return;
        }
        for (LimitProperties.Quota quota : covering) {
            lock(quota);
            requireBytes(quota, sizeBytes);
            Long limit = quota.manifests();
            if (limit != null && manifests(quota.repositories()) + 1 > limit) {
                throw RegistryException.of(
                        ErrorCode.DENIED,
                        "quota of " + quota.repositories() + " exceeded: it may have " + limit + " manifests");
            }
        }
    }

    private List<LimitProperties.Quota> covering(RepositoryName repository) {
        return quotas.stream()
                .filter(quota -> quota.repositories().covers(repository))
                .sorted((one, other) -> one.prefix().compareTo(other.prefix())) // all lock in the same order
                .toList();
    }

    private void requireBytes(LimitProperties.Quota quota, long more) {
        if (quota.bytes() == null) {
            return;
        }
        long limit = quota.bytes().toBytes();
        long used = bytes(quota.repositories());
        if (used + more > limit) {
            throw RegistryException.of(
                    ErrorCode.DENIED,
                    "quota of " + quota.repositories() + " exceeded: " + used + " of " + limit + " bytes are used, "
                            + more + " more are asked for");
        }
    }

    private boolean has(String table, RepositoryName repository, Digest digest) {
        return database.sql("select count(*) from " + table
                                + " t join repository r on r.id = t.repository_id where r.name = ? and t.digest = ?")
                        .params(repository.value(), digest.toString())
                        .query(Long.class)
                        .single()
                > 0;
    }

    /** Until the transaction ends nobody else adds to what the quota covers. */
    private void lock(LimitProperties.Quota quota) {
        if (locked(quota)) {
            return;
        }
        // Of two that insert it one fails and is tried again from the start, and finds the row.
        database.sql("insert into quota_lock (prefix) values (?)")
                .params(quota.prefix())
                .update();
    }

    private boolean locked(LimitProperties.Quota quota) {
        return database.sql("select prefix from quota_lock where prefix = ? for update")
                .params(quota.prefix())
                .query(String.class)
                .optional()
                .isPresent();
    }

    private long bytes(RepositoryPrefix prefix) {
        return sum("select coalesce(sum(t.size_bytes), 0) from blob_link t", prefix)
                + sum("select coalesce(sum(t.size_bytes), 0) from manifest t", prefix);
    }

    private long manifests(RepositoryPrefix prefix) {
        return sum("select count(*) from manifest t", prefix);
    }

    private long sum(String select, RepositoryPrefix prefix) {
        if (prefix.value().isEmpty()) {
            return Objects.requireNonNull(database.sql(select).query(Long.class).single());
        }
        // Names have no wildcard but the underscore, which begins no part of one and is escaped all the same.
        String below = prefix.value().replace("_", "\\_") + "/%";
        return Objects.requireNonNull(database.sql(select
                        + " join repository r on r.id = t.repository_id where r.name = ? or r.name like ? escape '\\'")
                .params(prefix.value(), below)
                .query(Long.class)
                .single());
    }
}
