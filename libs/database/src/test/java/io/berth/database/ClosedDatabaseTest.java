package io.berth.database;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pool whose database has closed itself while all of its connections are open. */
class ClosedDatabaseTest {
    @TempDir
    Path directory;

    private HikariDataSource pool() {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl("jdbc:h2:file:" + directory.resolve("db/service") + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE");
        pool.setUsername("sa");
        pool.setMaximumPoolSize(4);
        pool.setConnectionTimeout(2000);
        Object _ = DatabaseAutoConfiguration.wholeDatabases().postProcessBeforeInitialization(pool, "pool");
        return pool;
    }

    private static void run(HikariDataSource pool, String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void isOpenedAgainWithAllThatWasCommitted() throws Exception {
        try (HikariDataSource pool = pool()) {
            run(pool, "create table t (id int primary key)");
            int committed = 0;
            for (int round = 0; round < 5; round++) {
                List<Connection> all = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    all.add(pool.getConnection());
                }
                for (Connection connection : all) {
                    connection.close();
                }
                run(pool, "insert into t values (" + committed++ + ")");
                try {
                    run(pool, "SHUTDOWN IMMEDIATELY");
                } catch (SQLException e) {
                    assertThat(e.getMessage()).contains("closed");
                }
                int failures = 0;
                for (boolean done = false; !done; ) {
                    try {
                        run(pool, "insert into t values (" + committed + ")");
                        done = true;
                        committed++;
                    } catch (SQLException e) {
                        failures++;
                        assertThat(failures).as(e.toString()).isLessThan(20);
                        Thread.sleep(50);
                    }
                }
            }
            try (Connection connection = pool.getConnection();
                    Statement statement = connection.createStatement();
                    ResultSet count = statement.executeQuery("select count(*) from t")) {
                assertThat(count.next()).isTrue();
                assertThat(count.getInt(1)).isEqualTo(committed);
            }
        }
    }
}
