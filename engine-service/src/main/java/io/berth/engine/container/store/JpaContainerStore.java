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
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Containers in the engine's database. */
@Component
final class JpaContainerStore implements ContainerStore {
    private final ContainerRows rows;

    JpaContainerStore(ContainerRows rows) {
        this.rows = rows;
    }

    @Override
    public void insert(ContainerSnapshot container) {
        ContainerState state = container.state();
        @Nullable ProcessIdentity process = state.process();
        ContainerRow _ = rows.save(new ContainerRow(
                container.id().value(),
                container.name(),
                DockerJson.MAPPER.writeValueAsString(container.spec()),
                state.status().text(),
                process == null ? 0 : process.pid(),
                process == null ? 0 : process.startTimeTicks(),
                state.bootId(),
                state.exitCode(),
                state.error(),
                state.oomKilled(),
                state.startedAt(),
                state.finishedAt(),
                state.restartCount(),
                state.stoppedByUser(),
                health(container),
                state.restartDelay().toMillis()));
    }

    @Override
    public void updateState(ContainerSnapshot container) {
        ContainerState state = container.state();
        @Nullable ProcessIdentity process = state.process();
        int changed = rows.updateState(
                container.id().value(),
                state.status().text(),
                process == null ? 0 : process.pid(),
                process == null ? 0 : process.startTimeTicks(),
                state.bootId(),
                state.exitCode(),
                state.error(),
                state.oomKilled(),
                state.startedAt(),
                state.finishedAt(),
                state.restartCount(),
                state.stoppedByUser(),
                health(container),
                state.restartDelay().toMillis());
        if (changed != 1) {
            throw new IllegalStateException("container " + container.id() + " is not in the database");
        }
    }

    private static @Nullable String health(ContainerSnapshot container) {
        return container.health() == null ? null : DockerJson.MAPPER.writeValueAsString(container.health());
    }

    @Override
    public void updateSpec(ContainerSnapshot container) {
        String spec = DockerJson.MAPPER.writeValueAsString(container.spec());
        if (rows.updateSpec(container.id().value(), spec) != 1) {
            throw new IllegalStateException("container " + container.id() + " is not in the database");
        }
    }

    @Override
    public void rename(ContainerId id, String name) {
        if (rows.rename(id.value(), name) != 1) {
            throw new IllegalStateException("container " + id + " is not in the database");
        }
    }

    @Override
    public void delete(ContainerId id) {
        int _ = rows.remove(id.value());
    }

    @Override
    public List<ContainerSnapshot> loadAll() {
        return rows.findAll().stream().map(JpaContainerStore::snapshot).toList();
    }

    private static ContainerSnapshot snapshot(ContainerRow row) {
        ContainerStatus status = ContainerStatus.of(row.status())
                .orElseThrow(
                        () -> new IllegalStateException("unknown container status in the database: " + row.status()));
        @Nullable
        ProcessIdentity process =
                row.pid() == 0 ? null : new ProcessIdentity(Math.toIntExact(row.pid()), row.startTicks());
        return new ContainerSnapshot(
                DockerJson.MAPPER.readValue(row.spec(), ContainerSpec.class),
                row.name(),
                new ContainerState(
                        status,
                        process,
                        row.bootId(),
                        row.exitCode(),
                        row.error(),
                        row.oomKilled(),
                        row.startedAt(),
                        row.finishedAt(),
                        row.restartCount(),
                        row.stoppedByUser(),
                        Duration.ofMillis(row.restartDelayMillis())),
                row.health() == null ? null : DockerJson.MAPPER.readValue(row.health(), Health.class));
    }
}
