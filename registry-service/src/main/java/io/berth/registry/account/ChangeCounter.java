package io.berth.registry.account;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Counts changes of accounts, robots and policies in the database, for processes that share it. Thread-safe. */
@Component
class ChangeCounter {
    private static final String NAME = "directory";

    private final JdbcClient database;

    ChangeCounter(JdbcClient database) {
        this.database = database;
    }

    /** Counts a change. Belongs into its transaction; another change waits for that to end. */
    void count() {
        database.sql("update change_counter set version = version + 1 where name = ?")
                .params(NAME)
                .update();
    }

    long version() {
        return database.sql("select version from change_counter where name = ?")
                .params(NAME)
                .query(Long.class)
                .single();
    }
}
