package io.berth.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.gateway.access.Role;
import io.berth.gateway.access.account.Tokens;
import io.berth.gateway.fixture.PrivateGateway;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The gateway's own database: closed by itself, out of reach, and damaged. */
@Timeout(120)
class DatabaseTest {
    @TempDir
    Path directory;

    private static void close(PrivateGateway gateway) throws Exception {
        // What H2 does by itself when it cannot write.
        try (Connection connection = gateway.bean(DataSource.class).getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SHUTDOWN IMMEDIATELY");
        } catch (SQLException e) {
            // It tells whoever closes it as well.
            assertThat(e.getMessage()).contains("closed");
        }
    }

    @Test
    void isOpenedAgainWhenItHasClosedItself() throws Exception {
        try (PrivateGateway gateway = new PrivateGateway(directory)) {
            String before = gateway.token("before", Role.OPERATOR);
            String authorization = "Authorization: Bearer " + before + "\n";
            String body = "{\"name\":\"after\",\"role\":\"operator\"}";
            close(gateway);
            int status = 0;
            for (int i = 0; i < 50 && status != 201; i++) {
                status = gateway.ask("POST /api/tokens", authorization, body).status();
                assertThat(status).isIn(201, 503);
                Thread.sleep(100);
            }
            assertThat(status).isEqualTo(201);
            gateway.restart();
            assertThat(gateway.bean(Tokens.class).named("before", "")).isPresent();
            assertThat(gateway.bean(Tokens.class).named("after", "")).isPresent();
        }
    }

    @Test
    void aTokenThatCannotBeKeptIsNotMade() throws Exception {
        try (PrivateGateway gateway =
                new PrivateGateway(directory, "--spring.datasource.hikari.connection-timeout=250")) {
            String authorization = "Authorization: Bearer " + gateway.token("boss", Role.OPERATOR) + "\n";
            List<Connection> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                all.add(gateway.bean(DataSource.class).getConnection());
            }
            var answer = gateway.ask("POST /api/tokens", authorization, "{\"name\":\"lost\",\"role\":\"operator\"}");
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.body()).contains("the service's database cannot be used at present");
            for (Connection connection : all) {
                connection.close();
            }
            assertThat(gateway.bean(Tokens.class).named("lost", "")).isEmpty();
        }
    }

    @Test
    void isNotUsedWhenItsEndIsMissing() throws Exception {
        Path file = directory.resolve("data/db/gateway.mv.db");
        byte[] killed;
        try (PrivateGateway gateway = new PrivateGateway(directory)) {
            for (int i = 0; i < 20; i++) {
                String _ = gateway.token("token" + i, Role.OPERATOR);
            }
            close(gateway);
            killed = Files.readAllBytes(file);
        }
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(killed, killed.length / 2));
        assertThatThrownBy(() -> new PrivateGateway(directory).close())
                .hasStackTraceContaining("the database " + file + " is damaged")
                .hasStackTraceContaining("docs/OPERATING.md");
        assertThat(Files.size(file)).as("it is left as it is").isEqualTo(killed.length / 2);
        Files.write(file, whole);
        try (PrivateGateway gateway = new PrivateGateway(directory)) {
            assertThat(gateway.bean(Tokens.class).named("token19", "")).isPresent();
        }
    }
}
