package io.berth.registry.storage.s3;

import io.berth.registry.durability.DurableTransactions;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * How far each upload is. Thread-safe; every change is a transaction of its own, and one under a claim ({@link S3UploadClaims})
 * fails when the claim was lost.
 */
final class S3UploadRows {
    private final JdbcClient database;
    private final DurableTransactions transactions;
    private final Clock clock = Clock.systemUTC();

    S3UploadRows(JdbcClient database, DurableTransactions transactions) {
        this.database = database;
        this.transactions = transactions;
    }

    /**
     * How far an upload is: parts that S3 has, and after them a tail that is too short for one.
     *
     * @param multipart id of S3's upload; null before the first part
     * @param tags of the parts, in order
     * @param partBytes size of all parts
     * @param tail key of the object that holds the tail; null when it is empty
     */
    record State(
            @Nullable String multipart,
            List<String> tags,
            long partBytes,
            @Nullable String tail,
            long tailBytes) {
        State {
            tags = List.copyOf(tags);
        }
    }

    void create(UUID id) {
        transactions.<Integer>committed(
                () -> database.sql("insert into s3_upload (id, part_bytes, tail_bytes, touched_at) values (?, 0, 0, ?)")
                        .params(id, now())
                        .update());
    }

    State state(UUID id) throws NoSuchFileException {
        List<String> tags = database.sql("select tag from s3_upload_part where upload_id = ? order by number")
                .params(id)
                .query((row, number) -> row.getString(1))
                .list();
        return database.sql("select multipart, part_bytes, tail, tail_bytes from s3_upload where id = ?")
                .params(id)
                .query((row, number) ->
                        new State(row.getString(1), tags, row.getLong(2), row.getString(3), row.getLong(4)))
                .optional()
                .orElseThrow(() -> unknown(id));
    }

    Instant touchedAt(UUID id) throws NoSuchFileException {
        return database.sql("select touched_at from s3_upload where id = ?")
                .params(id)
                .query((row, number) -> row.getTimestamp(1).toInstant())
                .optional()
                .orElseThrow(() -> unknown(id));
    }

    Set<UUID> ids() {
        return new HashSet<>(
                database.sql("select id from s3_upload").query(UUID.class).list());
    }

    /** Uploads that have no session: a process died between the two, or before it gave them back. */
    List<UUID> orphans(Instant untouchedSince) {
        return database.sql("""
                        select u.id from s3_upload u left join upload s on s.id = u.id
                        where s.id is null and u.touched_at < ?""")
                .params(Timestamp.from(untouchedSince))
                .query((row, number) -> row.getObject(1, UUID.class))
                .list();
    }

    /** Whether an upload has this object as its tail. */
    boolean names(String tail) {
        return database.sql("select count(*) from s3_upload where tail = ?")
                        .params(tail)
                        .query(Long.class)
                        .single()
                > 0;
    }

    /** @throws IOException when another process has the upload */
    void require(UUID id, String claim) throws IOException {
        require(transactions.<Integer>committed(
                () -> database.sql("""
                        update s3_upload set claimed_until = current_timestamp + interval '10' second
                        where id = ? and claimed_by = ?""").params(id, claim).update()));
    }

    void began(UUID id, String claim, String multipart) throws IOException {
        require(transactions.<Integer>committed(
                () -> database.sql("update s3_upload set multipart = ? where id = ? and claimed_by = ?")
                        .params(multipart, id, claim)
                        .update()));
    }

    /** Keeps what has been added. */
    void advance(UUID id, String claim, int knownParts, State state) throws IOException {
        require(transactions.committed(() -> {
            int updated = database.sql("""
                            update s3_upload set part_bytes = ?, tail = ?, tail_bytes = ?, touched_at = ?
                            where id = ? and claimed_by = ?""")
                    .param(state.partBytes())
                    .param(state.tail())
                    .param(state.tailBytes())
                    .param(now())
                    .param(id)
                    .param(claim)
                    .update();
            for (int number = knownParts; updated > 0 && number < state.tags().size(); number++) {
                database.sql("insert into s3_upload_part (upload_id, number, tag) values (?, ?, ?)")
                        .params(id, number + 1, state.tags().get(number))
                        .update();
            }
            return updated;
        }));
    }

    void delete(UUID id) {
        transactions.committed(() -> {
            database.sql("delete from s3_upload_part where upload_id = ?")
                    .params(id)
                    .update();
            return database.sql("delete from s3_upload where id = ?").params(id).update();
        });
    }

    private static void require(int updated) throws IOException {
        if (updated == 0) {
            throw new IOException("another process has taken over the upload");
        }
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }

    private static NoSuchFileException unknown(UUID id) {
        return new NoSuchFileException(id.toString());
    }
}
