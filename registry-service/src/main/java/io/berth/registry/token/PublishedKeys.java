package io.berth.registry.token;

import com.nimbusds.jose.jwk.ECKey;
import io.berth.registry.durability.DurableTransactions;
import java.sql.Timestamp;
import java.text.ParseException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The public parts of all keys that sign tokens of this registry, in its database: every process verifies what another one has
 * signed. Thread-safe.
 */
@Component
class PublishedKeys {
    private static final String COLUMNS =
            "select kid, public_key, created_at, verifies_until, retired from signing_key ";

    private final JdbcClient database;
    private final DurableTransactions transactions;

    PublishedKeys(JdbcClient database, DurableTransactions transactions) {
        this.database = database;
        this.transactions = transactions;
    }

    /**
     * A key.
     *
     * @param verifiesUntil when the last token expires that it may have signed
     * @param retired whether nothing is to be signed with it any more
     */
    record Published(String kid, ECKey publicKey, Instant createdAt, Instant verifiesUntil, boolean retired) {}

    /** Adds a key, or says anew until when one verifies; one that is retired stays so. Durable on return. */
    void publish(Published key) {
        int _ = transactions.<Integer>durable(() -> {
            int known = database.sql("update signing_key set verifies_until = ? where kid = ? and not retired")
                    .params(Timestamp.from(key.verifiesUntil()), key.kid())
                    .update();
            return known > 0 || find(key.kid()).isPresent()
                    ? known
                    : database.sql("""
                                    insert into signing_key (kid, public_key, created_at, verifies_until, retired)
                                    values (?, ?, ?, ?, ?)""")
                            .params(
                                    key.kid(),
                                    key.publicKey().toPublicJWK().toJSONString(),
                                    Timestamp.from(key.createdAt()),
                                    Timestamp.from(key.verifiesUntil()),
                                    key.retired())
                            .update();
        });
    }

    /** Has nothing signed with a key any more; durable on return. */
    void retire(String kid, Instant until) {
        int _ = transactions.<Integer>durable(
                () -> database.sql("""
                        update signing_key set retired = true, verifies_until = ?
                        where kid = ? and not retired""").params(Timestamp.from(until), kid).update());
    }

    /** Has nothing signed with any key of this moment any more, in no process; durable on return. */
    void retireAll(Instant until) {
        int _ = transactions.<Integer>durable(
                () -> database.sql("update signing_key set retired = true, verifies_until = ? where not retired")
                        .params(Timestamp.from(until))
                        .update());
    }

    Optional<Published> find(String kid) {
        return database.sql(COLUMNS + "where kid = ?")
                .params(kid)
                .query((row, number) -> published(
                        row.getString(1),
                        row.getString(2),
                        row.getTimestamp(3),
                        row.getTimestamp(4),
                        row.getBoolean(5)))
                .optional();
    }

    /** All, the newest first. */
    List<Published> all() {
        return database.sql(COLUMNS + "order by created_at desc, kid")
                .query((row, number) -> published(
                        row.getString(1),
                        row.getString(2),
                        row.getTimestamp(3),
                        row.getTimestamp(4),
                        row.getBoolean(5)))
                .list();
    }

    private static Published published(String kid, String jwk, Timestamp created, Timestamp until, boolean retired) {
        try {
            return new Published(kid, ECKey.parse(jwk), created.toInstant(), until.toInstant(), retired);
        } catch (ParseException e) {
            throw new IllegalStateException("the database has no key under " + kid, e);
        }
    }

    void deleteExpired(Instant now) {
        int _ = transactions.<Integer>committed(() -> database.sql("delete from signing_key where verifies_until < ?")
                .params(Timestamp.from(now))
                .update());
    }
}
