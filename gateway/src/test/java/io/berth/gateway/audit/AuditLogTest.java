package io.berth.gateway.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.gateway.access.Role;
import io.berth.gateway.fixture.PrivateGateway;
import io.berth.gateway.fixture.Wire;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is kept of calls, and what becomes of too many. */
@Timeout(120)
class AuditLogTest {
    @TempDir
    Path directory;

    private static AuditEntry entry(int number) {
        return new AuditEntry(
                0,
                Instant.now(),
                "alice",
                "developer",
                "192.0.2.1",
                "token",
                "POST",
                "/entry/" + number,
                "",
                200,
                1,
                "");
    }

    /** Reads until the log has so many of the entries, or for ten seconds. */
    private static int kept(AuditLog log, int expected) throws InterruptedException {
        int found = 0;
        for (int i = 0; i < 100; i++) {
            found = log.before(Long.MAX_VALUE, "alice", "/entry/", "POST", 100_000)
                    .size();
            if (found >= expected) {
                break;
            }
            Thread.sleep(100);
        }
        return found;
    }

    @Test
    void keepsCallsOverARestartAndCountsWhatIsLost() throws Exception {
        try (PrivateGateway gateway = new PrivateGateway(directory, "--berth.gateway.audit.queue=50")) {
            AuditLog log = gateway.bean(AuditLog.class);
            for (int i = 0; i < 20; i++) {
                log.record(entry(i));
            }
            assertThat(kept(log, 20)).isEqualTo(20);
            assertThat(log.lost()).isZero();
            for (int i = 20; i < 5000; i++) {
                log.record(entry(i));
            }
            int left = 5000 - (int) log.lost();
            assertThat(log.lost()).isPositive();
            assertThat(kept(log, left)).isEqualTo(left);

            Wire.Message refused = gateway.ask("POST /containers/create?name=x&buildargs=secret", "", "{}");
            assertThat(refused.status()).isEqualTo(401);
            gateway.restart();
            log = gateway.bean(AuditLog.class);
            assertThat(kept(log, left)).isEqualTo(left);
            assertThat(log.before(Long.MAX_VALUE, "", "/containers/", "POST", 10))
                    .singleElement()
                    .satisfies(call -> {
                        assertThat(call.who()).isEmpty();
                        assertThat(call.status()).isEqualTo(401);
                        assertThat(call.detail()).isEqualTo("name=x");
                        assertThat(Duration.between(call.time(), Instant.now())).isLessThan(Duration.ofMinutes(1));
                    });
        }
    }

    /** Takes all connections of the pool, so that nobody else has the database. */
    private static List<Connection> occupy(PrivateGateway gateway) throws SQLException {
        DataSource pool = gateway.bean(DataSource.class);
        List<Connection> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(pool.getConnection());
        }
        return all;
    }

    @Test
    void whatCannotBeWrittenWaitsAndNothingIsChangedWithoutIt() throws Exception {
        try (PrivateGateway gateway = new PrivateGateway(
                directory, "--berth.gateway.audit.queue=10", "--spring.datasource.hikari.connection-timeout=250")) {
            AuditLog log = gateway.bean(AuditLog.class);
            String operator = gateway.token("boss", Role.OPERATOR);
            List<Connection> all = occupy(gateway);
            int answered = 0;
            Wire.Message answer;
            do {
                answer = gateway.ask("POST /containers/entry" + answered + "/start", "", "");
                answered++;
            } while (answer.status() == 401 && answered < 600);
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.body()).contains("the audit log cannot be written at present");
            // Longer than a few tries take.
            Thread.sleep(4000);
            String authorization = "Authorization: Bearer " + operator + "\n";
            assertThat(gateway.ask("DELETE /api/tokens/boss", authorization, "").status())
                    .isEqualTo(503);
            assertThat(gateway.ask("GET /api/projects", authorization, "").status())
                    .as("what changes nothing")
                    .isEqualTo(200);
            for (Connection connection : all) {
                connection.close();
            }
            do {
                Thread.sleep(100);
                answer = gateway.ask("POST /containers/last/start", "", "");
            } while (answer.status() == 503);
            int expected = answered - 1;
            int found = 0;
            for (int i = 0; i < 100 && found < expected; i++) {
                Thread.sleep(100);
                found = log.before(Long.MAX_VALUE, "", "/containers/entry", "POST", 10_000).stream()
                        .filter(entry -> entry.status() == 401)
                        .toList()
                        .size();
            }
            assertThat(found).isEqualTo(expected);
            assertThat(log.lost()).isZero();
        }
    }

    @Test
    void forgetsWhatIsTooMuch() throws Exception {
        try (PrivateGateway gateway = new PrivateGateway(directory)) {
            AuditLog log = gateway.bean(AuditLog.class);
            for (int i = 0; i < 300; i++) {
                log.record(entry(i));
            }
            assertThat(kept(log, 300)).isEqualTo(300);
        }
        try (PrivateGateway gateway = new PrivateGateway(directory, "--berth.gateway.audit.max-entries=100")) {
            AuditLog log = gateway.bean(AuditLog.class);
            int found = 300;
            for (int i = 0; i < 100 && found > 100; i++) {
                Thread.sleep(100);
                found = log.before(Long.MAX_VALUE, "alice", "", "", 1000).size();
            }
            assertThat(found).isEqualTo(100);
            assertThat(log.before(Long.MAX_VALUE, "alice", "", "", 1).getFirst().path())
                    .isEqualTo("/entry/299");
        }
    }
}
