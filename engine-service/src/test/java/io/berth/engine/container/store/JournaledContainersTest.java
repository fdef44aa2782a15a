package io.berth.engine.container.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.DockerJson;
import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.HostConfig;
import io.berth.engine.container.ContainerSnapshot;
import io.berth.engine.container.ContainerSpec;
import io.berth.engine.container.ContainerState;
import io.berth.engine.container.ContainerStatus;
import io.berth.engine.container.Health;
import io.berth.engine.network.GivenNames;
import io.berth.engine.network.NetworkState;
import io.berth.engine.runtime.ContainerId;
import io.berth.linux.process.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.io.ClassPathResource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/** What the file of changes and the database say together, whatever became of the engine in between. */
class JournaledContainersTest {
    private static final Instant NOON = Instant.parse("2026-11-27T12:00:00.123456Z");

    @TempDir
    Path directory;

    private final DriverManagerDataSource database =
            new DriverManagerDataSource("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");

    @BeforeEach
    void migrate() {
        ResourceDatabasePopulator scripts = new ResourceDatabasePopulator();
        List.of("V1__containers", "V4__life", "V5__specs", "V7__networks")
                .forEach(script -> scripts.addScript(new ClassPathResource("db/migration/" + script + ".sql")));
        scripts.execute(database);
    }

    private JournaledContainers engine() {
        return engine(database, directory);
    }

    private static JournaledContainers engine(DataSource database, Path directory) {
        return new JournaledContainers(new ContainerTable(new JdbcTemplate(database)), directory, Duration.ofDays(1));
    }

    /** One whose changes never leave the file, as if it were killed before they do. */
    private JournaledContainers killedEngine() {
        return engine(new DriverManagerDataSource("jdbc:h2:mem:none;IFEXISTS=TRUE"), directory);
    }

    private static ContainerSnapshot container(String name, String image) {
        ContainerSpec spec = new ContainerSpec(
                ContainerId.random().value(),
                NOON,
                "sha256:" + "0".repeat(64),
                image,
                List.of("/layers/1"),
                "sh",
                List.of("-c", "echo \"ä\n\""),
                DockerJson.MAPPER.readValue("{\"Image\":\"busybox\"}", ContainerConfig.class),
                DockerJson.MAPPER.readValue("{\"Memory\":1000000}", HostConfig.class),
                List.of(),
                null,
                Map.of(),
                GivenNames.NONE,
                Map.of());
        return new ContainerSnapshot(spec, name, ContainerState.CREATED, null, NetworkState.NONE);
    }

    private static ContainerSnapshot running(ContainerSnapshot container) {
        ContainerState state = new ContainerState(
                ContainerStatus.RUNNING,
                new ProcessIdentity(4711, 1234567890123L),
                "boot",
                0,
                "",
                true,
                NOON,
                NOON.plusSeconds(1),
                3,
                true,
                Duration.ofMillis(1500));
        Health health = new Health(
                Health.Status.HEALTHY, 1, List.of(new Health.Probe(NOON, NOON.plusNanos(5), 7, "no\nroute")));
        return new ContainerSnapshot(
                container.spec(),
                container.name(),
                state,
                health,
                new NetworkState("5".repeat(64), List.of(), List.of(), "nameserver 127.0.0.11\n"));
    }

    private static ContainerSnapshot named(ContainerSnapshot container, String name) {
        return new ContainerSnapshot(
                container.spec(), name, container.state(), container.health(), container.network());
    }

    @Test
    void whatWasAcknowledgedSurvivesAKill() {
        ContainerSnapshot created = container("created", "busybox");
        ContainerSnapshot started = container("started", "busybox");
        ContainerSnapshot removed = container("removed", "busybox");
        ContainerSnapshot changed = container("changed", "busybox");
        JournaledContainers killed = killedEngine();
        List.of(created, started, removed, changed).forEach(killed::insert);
        killed.updateState(running(started));
        killed.delete(removed.id());
        ContainerSnapshot other = new ContainerSnapshot(
                new ContainerSpec(
                        changed.id().value(),
                        NOON,
                        "sha256:" + "1".repeat(64),
                        "other",
                        List.of(),
                        "true",
                        List.of(),
                        changed.spec().config(),
                        changed.spec().hostConfig(),
                        List.of(),
                        null,
                        Map.of(),
                        GivenNames.NONE,
                        Map.of()),
                "changed",
                ContainerState.CREATED,
                null,
                NetworkState.NONE);
        killed.update(other);
        killed.rename(created.id(), "renamed");

        assertThat(engine().loadAll()).containsExactlyInAnyOrder(named(created, "renamed"), running(started), other);
        assertThat(directory).isEmptyDirectory();
        assertThat(engine().loadAll()).hasSize(3);
    }

    @Test
    void changesOfWhatIsInTheDatabaseComeToo() {
        ContainerSnapshot one = container("one", "busybox");
        ContainerSnapshot two = container("two", "busybox");
        JournaledContainers first = engine();
        first.insert(one);
        first.insert(two);
        first.destroy();
        JournaledContainers killed = killedEngine();
        killed.updateState(running(one));
        killed.delete(two.id());
        assertThat(engine().loadAll()).containsExactly(running(one));
    }

    @Test
    void namesGoFromHandToHand() {
        ContainerSnapshot one = container("one", "busybox");
        ContainerSnapshot two = container("two", "busybox");
        ContainerSnapshot three = container("three", "busybox");
        JournaledContainers first = engine();
        List.of(one, two, three).forEach(first::insert);
        first.destroy();
        JournaledContainers engine = engine();
        engine.updateState(running(two));
        engine.rename(one.id(), "spare");
        engine.rename(two.id(), "one");
        engine.rename(one.id(), "two");
        engine.delete(three.id());
        ContainerSnapshot heir = container("three", "busybox");
        engine.insert(heir);
        assertThat(engine.loadAll()).containsExactlyInAnyOrder(named(one, "two"), running(named(two, "one")), heir);
    }

    @Test
    void bringingThemInTwiceDoesNoHarm() throws IOException {
        ContainerSnapshot one = container("one", "busybox");
        JournaledContainers killed = killedEngine();
        killed.insert(one);
        killed.updateState(running(one));
        Path changes = directory.resolve("containers.changes");
        Path copy = Files.copy(changes, directory.resolve("copy"));
        assertThat(engine().loadAll()).hasSize(1);

        Files.move(copy, directory.resolve("containers.changes.old"));
        JournaledContainers later = killedEngine();
        later.rename(one.id(), "later");
        assertThat(engine().loadAll()).containsExactly(running(named(one, "later")));
    }

    @Test
    void halfALineIsNone() throws IOException {
        ContainerSnapshot one = container("one", "busybox");
        ContainerSnapshot two = container("two", "busybox");
        killedEngine().insert(one);
        Path changes = directory.resolve("containers.changes");
        byte[] line = Files.readAllBytes(changes);
        Files.write(changes, Arrays.copyOf(line, line.length / 2), StandardOpenOption.APPEND);

        killedEngine().insert(two);
        assertThat(engine().loadAll()).containsExactlyInAnyOrder(one, two);
    }

    @Test
    void aDamagedLineTakesNoOtherWithIt() throws IOException {
        ContainerSnapshot one = container("one", "busybox");
        ContainerSnapshot two = container("two", "busybox");
        JournaledContainers killed = killedEngine();
        killed.insert(one);
        killed.insert(two);
        Path changes = directory.resolve("containers.changes");
        byte[] lines = Files.readAllBytes(changes);
        lines[40]++;
        Files.write(changes, lines);
        assertThat(engine().loadAll()).containsExactly(two);
    }

    @Test
    void whileTheDatabaseIsAwayChangesWait() throws IOException {
        JournaledContainers engine = killedEngine();
        ContainerSnapshot one = container("one", "busybox");
        engine.insert(one);
        assertThatThrownBy(engine::loadAll).isInstanceOf(DataAccessException.class);
        engine.updateState(running(one));
        assertThat(directory.resolve("containers.changes.old")).isRegularFile();
        assertThat(Files.getPosixFilePermissions(directory.resolve("containers.changes")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(engine().loadAll()).containsExactly(running(one));
    }

    @Test
    void whatCannotBeWrittenIsNotSaidToBe() throws IOException {
        Path elsewhere = directory.resolve("full");
        Files.createDirectories(elsewhere.resolve("containers.changes"));
        JournaledContainers full = engine(database, elsewhere);
        assertThatThrownBy(() -> full.insert(container("one", "busybox"))).hasMessageContaining("cannot record");
        Files.delete(elsewhere.resolve("containers.changes"));
        assertThat(full.loadAll()).isEmpty();
        full.insert(container("two", "busybox"));
        assertThat(full.loadAll()).hasSize(1);
    }

    @Test
    void whatTheDatabaseCannotHoldIsRefusedAtOnce() {
        JournaledContainers engine = engine();
        assertThatThrownBy(() -> engine.insert(container("n".repeat(256), "busybox")))
                .hasMessageContaining("cannot record");
        assertThatThrownBy(() -> engine.insert(container("long", "i".repeat(1_000_000))))
                .hasMessageContaining("cannot record");
        engine.insert(container("n".repeat(255), "i".repeat(900_000)));
        assertThat(engine.loadAll()).hasSize(1);
    }

    @Test
    void whatTheDatabaseRefusesKeepsNoOtherOut() {
        ContainerSnapshot one = container("same", "busybox");
        ContainerSnapshot other = container("other", "busybox");
        JournaledContainers engine = engine();
        List.of(one, container("same", "busybox"), other).forEach(engine::insert);
        assertThat(engine.loadAll()).containsExactlyInAnyOrder(one, other);
    }
}
