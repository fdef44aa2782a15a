package io.berth.engine.container.store;

import io.berth.docker.DockerJson;
import io.berth.engine.container.ContainerSnapshot;
import io.berth.engine.container.ContainerSpec;
import io.berth.engine.container.ContainerState;
import io.berth.engine.container.ContainerStatus;
import io.berth.engine.container.ContainerStore;
import io.berth.engine.container.Health;
import io.berth.engine.runtime.ContainerId;
import io.berth.linux.process.ProcessIdentity;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.stereotype.Component;

/**
 * Containers in the engine's database.
 *
 * <p>Plain statements instead of entities: each start and end of a container is one of them, and a client waits for it (ADR 9).
 */
@Component
final class ContainerTable implements ContainerStore {
    private static final String INSERT = """
            insert into container (id, name, status, pid, start_ticks, boot_id, exit_code, error, oom_killed, started_at,
                finished_at, restart_count, stopped_by_user, health, restart_delay_millis)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";
    private static final String UPDATE_STATE = """
            update container set status = ?, pid = ?, start_ticks = ?, boot_id = ?, exit_code = ?, error = ?, oom_killed = ?,
                started_at = ?, finished_at = ?, restart_count = ?, stopped_by_user = ?, health = ?, restart_delay_millis = ?
            where id = ?""";

    private static final String INSERT_SPEC = "insert into container_spec (id, spec) values (?, ?)";

    private final JdbcOperations jdbc;

    ContainerTable(JdbcOperations jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public void insert(ContainerSnapshot container) {
        ContainerState state = container.state();
        @Nullable ProcessIdentity process = state.process();
        String id = container.id().value();
        inOneCommit(statements -> {
            int _ = statements.update(INSERT_SPEC, id, DockerJson.MAPPER.writeValueAsString(container.spec()));
            int _ = statements.update(
                    INSERT,
                    id,
                    container.name(),
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
                    health(container),
                    state.restartDelay().toMillis());
        });
    }

    @Override
    public void updateState(ContainerSnapshot container) {
        ContainerState state = container.state();
        @Nullable ProcessIdentity process = state.process();
        requireOne(
                container.id(),
                jdbc.update(
                        UPDATE_STATE,
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
                        health(container),
                        state.restartDelay().toMillis(),
                        container.id().value()));
    }

    @Override
    public void updateSpec(ContainerSnapshot container) {
        requireOne(
                container.id(),
                jdbc.update(
                        "update container_spec set spec = ? where id = ?",
                        DockerJson.MAPPER.writeValueAsString(container.spec()),
                        container.id().value()));
    }

    @Override
    public void rename(ContainerId id, String name) {
        requireOne(id, jdbc.update("update container set name = ? where id = ?", name, id.value()));
    }

    @Override
    public void delete(ContainerId id) {
        inOneCommit(statements -> {
            int _ = statements.update("delete from container where id = ?", id.value());
            int _ = statements.update("delete from container_spec where id = ?", id.value());
        });
    }

    @Override
    public List<ContainerSnapshot> loadAll() {
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

    private static void requireOne(ContainerId id, int changed) {
        if (changed != 1) {
            throw new IllegalStateException("container " + id + " is not in the database");
        }
    }

    private static @Nullable String health(ContainerSnapshot container) {
        return container.health() == null ? null : DockerJson.MAPPER.writeValueAsString(container.health());
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
                health == null ? null : DockerJson.MAPPER.readValue(health, Health.class));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        @Nullable OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }
}
