package io.berth.engine.container.store;

import io.berth.docker.DockerJson;
import io.berth.engine.container.ContainerSnapshot;
import io.berth.engine.container.ContainerSpec;
import io.berth.engine.container.ContainerState;
import io.berth.engine.container.ContainerStatus;
import io.berth.engine.container.Health;
import io.berth.engine.container.store.Change.Life;
import io.berth.engine.network.NetworkState;
import io.berth.linux.process.ProcessIdentity;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.stereotype.Component;

/** Containers in the engine's database, by plain statements. Changes come in lots, by {@link JournaledContainers}. */
@Component
final class ContainerTable {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerTable.class);

    private static final String INSERT = """
            insert into container (id, name, status, pid, start_ticks, boot_id, exit_code, error, oom_killed, started_at,
                finished_at, restart_count, stopped_by_user, health, restart_delay_millis, network)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";
    private static final String UPDATE_LIFE = """
            update container set status = ?, pid = ?, start_ticks = ?, boot_id = ?, exit_code = ?, error = ?, oom_killed = ?,
                started_at = ?, finished_at = ?, restart_count = ?, stopped_by_user = ?, health = ?, restart_delay_millis = ?,
                network = ?
            where id = ?""";

    private static final String INSERT_SPEC = "insert into container_spec (id, spec) values (?, ?)";

    private final JdbcOperations jdbc;

    ContainerTable(JdbcOperations jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Brings changes in, all or none. The same ones may come again, when an engine was killed before it had put them away.
     *
     * @param changes no two of the same container
     */
    void apply(Collection<Change> changes) {
        List<Change> left =
                changes.stream().filter(change -> !change.isNothing()).toList();
        if (left.isEmpty()) {
            return;
        }
        inOneCommit(statements -> {
            // Whoever gives a name up comes before whoever takes it.
            for (Change change : left) {
                if (change.deleted() || change.created()) {
                    int _ = statements.update("delete from container where id = ?", change.id());
                    int _ = statements.update("delete from container_spec where id = ?", change.id());
                } else if (change.name() != null) {
                    rename(statements, change.id(), change.id());
                }
            }
            left.stream().filter(change -> !change.deleted()).forEach(change -> put(statements, change));
        });
    }

    private static void put(JdbcOperations statements, Change change) {
        Life life = change.life();
        if (change.created()) {
            int _ = statements.update(INSERT_SPEC, change.id(), json(change.spec()));
            int _ = statements.update(
                    INSERT,
                    Stream.concat(
                                    Stream.of(change.id(), Objects.requireNonNull(change.name())),
                                    columns(Objects.requireNonNull(life)))
                            .toArray());
            return;
        }
        if (change.spec() != null) {
            expectOne(
                    change.id(),
                    statements.update(
                            "update container_spec set spec = ? where id = ?", json(change.spec()), change.id()));
        }
        if (change.name() != null) {
            rename(statements, change.id(), change.name());
        }
        if (life != null) {
            expectOne(
                    change.id(),
                    statements.update(
                            UPDATE_LIFE,
                            Stream.concat(columns(life), Stream.of(change.id())).toArray()));
        }
    }

    private static void rename(JdbcOperations statements, String id, String name) {
        expectOne(id, statements.update("update container set name = ? where id = ?", name, id));
    }

    /** In the order of both statements. */
    private static Stream<@Nullable Object> columns(Life life) {
        ContainerState state = life.state();
        @Nullable ProcessIdentity process = state.process();
        return Stream.of(
                state.status().text(),
                process == null ? 0 : process.pid(),
                process == null ? 0 : process.startTimeTicks(),
                state.bootId(),
                state.exitCode(),
                state.error(),
                state.oomKilled(),
                timestamp(state.startedAt()),
                timestamp(state.finishedAt()),
                state.restartCount(),
                state.stoppedByUser(),
                life.health() == null ? null : json(life.health()),
                state.restartDelay().toMillis(),
                life.network().equals(NetworkState.NONE) ? null : json(life.network()));
    }

    List<ContainerSnapshot> loadAll() {
        return jdbc.query("select * from container join container_spec using (id)", (row, number) -> snapshot(row));
    }

    /** Without the transaction manager, which would open an entity manager for it. */
    private void inOneCommit(Consumer<JdbcOperations> statements) {
        @Nullable
        Boolean _ = jdbc.execute((ConnectionCallback<Boolean>) connection -> {
            connection.setAutoCommit(false);
            try {
                statements.accept(new JdbcTemplate(new SingleConnectionDataSource(connection, true)));
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
            return true;
        });
    }

    /** One that is not there must not keep others from coming in. */
    private static void expectOne(String id, int changed) {
        if (changed != 1) {
            LOG.atError().addKeyValue("containerId", id).log("a container that changed is not in the database");
        }
    }

    private static String json(@Nullable Object value) {
        return DockerJson.MAPPER.writeValueAsString(value);
    }

    private static @Nullable OffsetDateTime timestamp(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }

    private static ContainerSnapshot snapshot(ResultSet row) throws SQLException {
        ContainerSpec spec = DockerJson.MAPPER.readValue(row.getString("spec"), ContainerSpec.class);
        ContainerStatus status = ContainerStatus.of(row.getString("status"))
                .orElseThrow(() -> new IllegalStateException("unknown container status in the database"));
        int pid = row.getInt("pid");
        @Nullable String health = row.getString("health");
        @Nullable String network = row.getString("network");
        return new ContainerSnapshot(
                spec,
                row.getString("name"),
                new ContainerState(
                        status,
                        pid == 0 ? null : new ProcessIdentity(pid, row.getLong("start_ticks")),
                        row.getString("boot_id"),
                        row.getInt("exit_code"),
                        row.getString("error"),
                        row.getBoolean("oom_killed"),
                        instant(row, "started_at"),
                        instant(row, "finished_at"),
                        row.getInt("restart_count"),
                        row.getBoolean("stopped_by_user"),
                        Duration.ofMillis(row.getLong("restart_delay_millis"))),
                health == null ? null : DockerJson.MAPPER.readValue(health, Health.class),
                network == null ? NetworkState.NONE : DockerJson.MAPPER.readValue(network, NetworkState.class));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        @Nullable OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }
}
