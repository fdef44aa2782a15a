package io.berth.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of databases that were cut off, overwritten and taken away, after a stop and after a kill. */
class DatabaseFileTest {
    private static final String BOOT = "a-boot";

    @TempDir
    Path directory;

    private Path path;
    private DatabaseFile file;

    @BeforeEach
    void name() {
        path = directory.resolve("db/service.mv.db");
        file = new DatabaseFile(path, BOOT);
    }

    private void write(int commits, boolean killed) throws SQLException {
        Random random = new Random(commits);
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:h2:file:" + directory.resolve("db/service") + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE",
                        "sa",
                        "");
                Statement statement = connection.createStatement()) {
            statement.execute("create table if not exists t (id identity primary key, x varchar)");
            for (int i = 0; i < commits; i++) {
                statement.execute("insert into t (x) values (repeat('x', " + random.nextInt(3000) + "))");
                if (i % 3 == 0) {
                    statement.execute("delete from t where id in (select id from t order by id limit 2)");
                }
            }
            file.note(connection);
            if (killed) {
                statement.execute("SHUTDOWN IMMEDIATELY");
            }
        }
    }

    private int rows() throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:h2:file:" + directory.resolve("db/service"), "sa", "");
                Statement statement = connection.createStatement();
                ResultSet count = statement.executeQuery("select count(*) from t")) {
            assertThat(count.next()).isTrue();
            return count.getInt(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFileThatEndsEarlyIsNotUsed(boolean killed) throws Exception {
        write(400, killed);
        byte[] whole = Files.readAllBytes(path);
        int rows = rows();
        Files.write(path, whole);
        assertThatCode(file::check).doesNotThrowAnyException();
        assertThat(Files.readAllBytes(path)).isEqualTo(whole);
        for (int part = 1; part <= 18; part++) {
            byte[] left = Arrays.copyOf(whole, (int) ((long) whole.length * part / 20));
            Files.write(path, left);
            Throwable failure = catchThrowable(file::check);
            if (!killed && failure == null) {
                // Nothing was lost but what H2 has left behind when it moved all together and closed.
                assertThat(rows()).as(part + "/20").isEqualTo(rows);
                continue;
            }
            assertThat(failure)
                    .as(part + "/20")
                    .isInstanceOf(DamagedDatabase.class)
                    .hasMessageStartingWith("the database " + path + " is damaged (it")
                    .hasMessageEndingWith(
                            "restore it from a backup, as docs/OPERATING.md says under \"A damaged database\"");
            assertThat(Files.readAllBytes(path)).as("nothing is changed").isEqualTo(left);
        }
        Files.write(path, whole);
        assertThatCode(file::check).doesNotThrowAnyException();
    }

    @Test
    void whatIsNoDatabaseIsNotUsed() throws Exception {
        write(50, false);
        byte[] other = new byte[Math.toIntExact(Files.size(path))];
        new Random(1).nextBytes(other);
        Files.write(path, other);
        assertThatThrownBy(file::check).isInstanceOf(DamagedDatabase.class);
        Files.delete(path);
        assertThatThrownBy(file::check)
                .isInstanceOf(DamagedDatabase.class)
                .hasMessageContaining("it is empty or missing");
    }

    @Test
    void manyStopsAndKillsAreNoDamage() throws Exception {
        for (int i = 1; i <= 12; i++) {
            file.check();
            write(30 * i, i % 2 == 0);
        }
        file.check();
    }

    @Test
    void whatTheHostHasLostIsNoDamage() throws Exception {
        write(400, true);
        byte[] whole = Files.readAllBytes(path);
        DatabaseFile next = new DatabaseFile(path, "another-boot");
        Files.write(path, Arrays.copyOf(whole, (int) (whole.length * 0.9)));
        try {
            next.check();
        } catch (DamagedDatabase e) {
            assertThat(e).hasMessageContaining("it cannot be read");
        }
    }

    @Test
    void aFileThatIsNotThereIsNew() {
        assertThatCode(file::check).doesNotThrowAnyException();
        assertThat(file.isThere()).isFalse();
        assertThat(DatabaseFile.of("jdbc:postgresql://localhost/berth")).isEmpty();
        assertThat(DatabaseFile.of("jdbc:h2:file:/x/db/engine;WRITE_DELAY=0")
                        .orElseThrow()
                        .path())
                .isEqualTo(Path.of("/x/db/engine.mv.db"));
    }

    @Test
    void anotherProcessesDatabaseIsLeftToWhoOpensIt() throws Exception {
        try (Connection connection =
                DriverManager.getConnection("jdbc:h2:file:" + directory.resolve("db/service"), "sa", "")) {
            assertThat(connection.isValid(1)).isTrue();
            assertThatCode(file::check).doesNotThrowAnyException();
        }
    }

    @Test
    void aNoteThatIsNoneCountsForNothing() throws IOException, SQLException {
        write(10, false);
        for (String text : new String[] {"", "x", BOOT, BOOT + " x", BOOT + " 9999999999999999999999"}) {
            Files.writeString(directory.resolve("db/service.version"), text);
            assertThatCode(file::check).as(text).doesNotThrowAnyException();
        }
    }
}
