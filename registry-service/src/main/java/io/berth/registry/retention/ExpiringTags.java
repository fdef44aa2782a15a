package io.berth.registry.retention;

import io.berth.registry.durability.DurableTransactions;
import io.berth.registry.repository.RepositoryName;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The tags of repositories, and since when no rule has kept them. Thread-safe. */
@Component
class ExpiringTags {
    private final JdbcClient database;
    private final DurableTransactions transactions;

    ExpiringTags(JdbcClient database, DurableTransactions transactions) {
        this.database = database;
        this.transactions = transactions;
    }

    /** All tags of a repository, with when their manifests were pulled. */
    List<RetentionRules.Tag> tags(RepositoryName repository) {
        return database.sql("""
            select t.name, t.digest, t.updated_at, p.pulled_at from tag t
            join repository r on r.id = t.repository_id
            left join manifest_pull p on p.repository_id = t.repository_id and p.digest = t.digest
            where r.name = ?\
            """)
                .params(repository.value())
                .query((row, number) -> {
                    Timestamp pulled = row.getTimestamp(4);
                    return new RetentionRules.Tag(
                            row.getString(1),
                            row.getString(2),
                            row.getTimestamp(3).toInstant(),
                            pulled == null ? null : pulled.toInstant());
                })
                .list();
    }

    /**
     * Notes which tags no rule keeps now; those that are noted already for the same manifest keep their time.
     *
     * @return since when, by tag
     */
    Map<String, Instant> note(RepositoryName repository, Collection<RetentionRules.Tag> unkept, Instant now) {
        return transactions.committed(() -> {
            Map<String, Noted> before = noted(repository);
            Set<String> names =
                    unkept.stream().map(RetentionRules.Tag::name).collect(Collectors.toCollection(HashSet::new));
            before.keySet().stream().filter(name -> !names.contains(name)).forEach(name -> forget(repository, name));
            for (RetentionRules.Tag tag : unkept) {
                Noted known = before.get(tag.name());
                if (known == null || !known.digest().equals(tag.digest())) {
                    forget(repository, tag.name());
                    insert(repository, tag, now);
                }
            }
            return noted(repository).entrySet().stream()
                    .collect(Collectors.toMap(
                            Map.Entry::getKey, entry -> entry.getValue().since()));
        });
    }

    private record Noted(String digest, Instant since) {}

    private Map<String, Noted> noted(RepositoryName repository) {
        return database
                .sql("""
                    select e.name, e.digest, e.since from expiring_tag e join repository r on r.id = e.repository_id
                    where r.name = ?\
                    """)
                .params(repository.value())
                .query((row, number) -> Map.entry(
                        row.getString(1),
                        new Noted(row.getString(2), row.getTimestamp(3).toInstant())))
                .list()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private void insert(RepositoryName repository, RetentionRules.Tag tag, Instant now) {
        database.sql("""
            insert into expiring_tag (repository_id, name, digest, since)
            select t.repository_id, t.name, t.digest, cast(? as timestamp(6) with time zone)
            from tag t join repository r on r.id = t.repository_id
            where r.name = ? and t.name = ? and t.digest = ?\
            """)
                .params(Timestamp.from(now), repository.value(), tag.name(), tag.digest())
                .update();
    }

    void forget(RepositoryName repository, String name) {
        transactions.committed(
                () -> database.sql("""
                    delete from expiring_tag where name = ?
                    and repository_id = (select id from repository where name = ?)\
                    """).params(name, repository.value()).update());
    }
}
