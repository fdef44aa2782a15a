package io.berth.registry.browse;

import io.berth.registry.repository.RepositoryName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Looks around in the database, one page at a time: whatever there is, an answer takes as much memory as its page. Thread-safe.
 */
@Component
public class Browser {
    private static final String SUMMARY = """
            select r.name,
              (select count(*) from tag t where t.repository_id = r.id) tags,
              (select count(*) from manifest m where m.repository_id = r.id) manifests,
              (select coalesce(sum(l.size_bytes), 0) from blob_link l where l.repository_id = r.id) size_bytes,
              greatest(r.created_at,
                coalesce((select max(m.pushed_at) from manifest m where m.repository_id = r.id), r.created_at),
                coalesce((select max(t.updated_at) from tag t where t.repository_id = r.id), r.created_at)) changed_at
            from repository r
            """;

    private static final String MATCHING = "where r.name like ? escape '!' and r.name > ? order by r.name";

    private static final String TAGS = """
            select t.name, t.digest, m.media_type, m.artifact_type, t.updated_at,
              m.size_bytes + (select coalesce(sum(l.size_bytes), 0) from manifest_content c
                join blob_link l on l.repository_id = c.repository_id and l.digest = c.digest
                where c.repository_id = m.repository_id and c.manifest_digest = m.digest)
              + (select coalesce(sum(o.size_bytes), 0) from manifest_content c
                join manifest o on o.repository_id = c.repository_id and o.digest = c.digest
                where c.repository_id = m.repository_id and c.manifest_digest = m.digest) size_bytes
            from repository r
            join tag t on t.repository_id = r.id
            join manifest m on m.repository_id = t.repository_id and m.digest = t.digest
            where r.name = ? and t.name like ? escape '!' and t.name > ? order by t.name
            """;

    private static final String USAGE = """
            select (select count(*) from repository), (select count(*) from tag), (select count(*) from manifest),
              (select count(*) from blob), (select coalesce(sum(size_bytes), 0) from blob), (select count(*) from upload)
            """;

    private final JdbcClient database;

    Browser(JdbcClient database) {
        this.database = database;
    }

    /**
     * Repositories in the order of their names.
     *
     * @param part of the name; empty for all
     * @param last name before the first one wanted; empty to begin at the start
     */
    public List<RepositorySummary> repositories(String part, String last, int limit) {
        return database.sql(SUMMARY + MATCHING + rows(limit))
                .params(pattern(part), last)
                .query(Browser::summary)
                .list();
    }

    /** As {@link #repositories(String, String, int)}, but the names only. */
    public List<String> names(String part, String last, int limit) {
        return database.sql("select r.name from repository r " + MATCHING + rows(limit))
                .params(pattern(part), last)
                .query((row, number) -> row.getString(1))
                .list();
    }

    /** Those of some repositories that are there still, in the order of their names. */
    public List<RepositorySummary> repositories(List<String> names) {
        return names.isEmpty()
                ? List.of()
                : database.sql(SUMMARY + "where r.name in (:names) order by r.name")
                        .param("names", names)
                        .query(Browser::summary)
                        .list();
    }

    private static RepositorySummary summary(ResultSet row, int number) throws SQLException {
        return new RepositorySummary(
                row.getString(1),
                row.getLong(2),
                row.getLong(3),
                row.getLong(4),
                row.getTimestamp(5).toInstant());
    }

    /**
     * Tags of a repository in the order of their names.
     *
     * @param part of the tag's name; empty for all
     * @param last tag before the first one wanted; empty to begin at the start
     */
    public List<TagSummary> tags(RepositoryName repository, String part, String last, int limit) {
        return database.sql(TAGS + rows(limit))
                .params(repository.value(), pattern(part), last)
                .query((row, number) -> new TagSummary(
                        row.getString(1),
                        row.getString(2),
                        row.getString(3),
                        row.getString(4),
                        row.getLong(6),
                        row.getTimestamp(5).toInstant()))
                .list();
    }

    /** What there is in all. */
    public Usage usage() {
        return database.sql(USAGE)
                .query((row, number) -> new Usage(
                        row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5), row.getLong(6)))
                .single();
    }

    private static String rows(int limit) {
        return " fetch first " + limit + " rows only";
    }

    /** What the user typed means itself, also where a database would see a wildcard. */
    private static String pattern(String part) {
        return "%" + part.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%";
    }
}
