package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.fixture.EngineFixture;
import io.berth.engine.fixture.RawHttp;
import io.berth.engine.runtime.ContainerId;
import io.berth.engine.runtime.KernelHoldings;
import io.berth.engine.runtime.LaunchFailure;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What the engine says that it holds, and that failures leave nothing. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class HeldTest {
    private static final String SLEEP = "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"],\"Volumes\":{\"/x\":{}}}";

    @TempDir
    static Path directory;

    static EngineFixture engine;

    @BeforeAll
    static void start() throws IOException {
        engine = new EngineFixture(directory);
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    @AfterEach
    void nothingFailsAnyMore() throws IOException {
        engine.kernel().onStart(_ -> {});
        engine.failing(List.of());
        engine.kernel().holdings = new KernelHoldings(Map.of(), Map.of(), 0, List.of(), List.of());
        for (JsonNode container : http().get("/containers/json?all=1").json()) {
            assertThat(http().send(
                                    "DELETE",
                                    "/containers/" + container.get("Id").asString() + "?force=1&v=1",
                                    null)
                            .status())
                    .isEqualTo(204);
        }
    }

    private static RawHttp http() {
        return engine.http();
    }

    private static String create() throws IOException {
        RawHttp.Answer created = http().post("/containers/create", SLEEP);
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        return created.json().path("Id").asString();
    }

    private static JsonNode held() throws IOException {
        return http().get("/berth/held").json();
    }

    private static void assertNothingHeld() throws Exception {
        // Files of what was removed go soon after the answer.
        await(() -> held().at("/Total/Directories").asInt() == 0);
        JsonNode held = held();
        assertThat(held.at("/Total/Containers").asInt()).isZero();
        assertThat(held.at("/Total/Volumes").asInt()).isZero();
        assertThat(held.path("Orphans").size()).as(held.toString()).isZero();
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        Instant limit = Instant.now().plus(Duration.ofSeconds(30));
        while (!condition.call()) {
            assertThat(Instant.now()).as("in time").isBefore(limit);
            Thread.sleep(10);
        }
    }

    @Test
    void tellsContainersAndOrphans() throws Exception {
        String id = create();
        ContainerId stranger = ContainerId.random();
        KernelHoldings.OfContainer some = new KernelHoldings.OfContainer(
                List.of("/sys/fs/cgroup/berth/x"), List.of(17L), List.of("mnt:[1]", "net:[2]"), 9, 4);
        Path strayVolume = Files.createDirectories(engine.dataDirectory().resolve("volumes/stray/_data"));
        engine.kernel().holdings = new KernelHoldings(
                Map.of(new ContainerId(id), some, stranger, some),
                Map.of("socket", 3),
                21,
                List.of(strayVolume.toString()),
                List.of());

        JsonNode held = held();
        assertThat(held.at("/Total/Processes").asInt()).isEqualTo(2);
        assertThat(held.at("/Total/Namespaces").toString())
                .as("what two share counts once")
                .isEqualTo("{\"mnt\":1,\"net\":1}");
        assertThat(held.at("/Containers/0/Id").asString()).isEqualTo(id);
        assertThat(held.at("/Containers/0/KeptFiles").asInt()).isEqualTo(4);
        assertThat(held.at("/Containers/0/Directory").asString()).endsWith(id);
        assertThat(held.path("Orphans")
                        .valueStream()
                        .map(orphan -> orphan.get("Kind").asString() + " "
                                + orphan.get("What").asString()))
                .containsExactly(
                        "cgroup /sys/fs/cgroup/berth/x",
                        "directory " + strayVolume.getParent(),
                        "kept files 4 of " + stranger,
                        "mount " + strayVolume,
                        "process 17");
        String text = http().get("/berth/held?format=text").text();
        assertThat(text).contains(id.substring(0, 12), "21 threads", "3 socket", "orphans:\n  cgroup /sys");
        assertThat(engine.bean(MeterRegistry.class)
                        .get("berth.held.orphans")
                        .gauge()
                        .value())
                .isEqualTo(5);
        Files.delete(strayVolume);
        Files.delete(strayVolume.getParent());
    }

    @Test
    void aCreationThatFailsLeavesNothing() throws Exception {
        assertThat(http().post("/containers/create", SLEEP.replace("busybox", "nowhere"))
                        .status())
                .isEqualTo(404);
        assertNothingHeld();
        engine.failing(List.of("insert"));
        assertThat(http().post("/containers/create?name=again", SLEEP).status()).isEqualTo(503);
        assertNothingHeld();
        engine.failing(List.of());
        // Where the directory would be made is a file.
        Path containers = engine.dataDirectory().resolve("containers");
        Files.move(containers, containers.resolveSibling("aside"));
        Files.createFile(containers);
        assertThat(http().post("/containers/create?name=again", SLEEP).status()).isEqualTo(500);
        Files.delete(containers);
        Files.move(containers.resolveSibling("aside"), containers);
        assertNothingHeld();
        assertThat(http().post("/containers/create?name=again", SLEEP).status())
                .as("the name is free")
                .isEqualTo(201);
    }

    @Test
    void aStartThatFailsLeavesTheContainerOnly() throws Exception {
        for (RuntimeException failure : List.of(
                new LaunchFailure(LaunchFailure.Kind.SYSTEM, "no memory", null), new IllegalStateException("a bug"))) {
            String id = create();
            engine.kernel().onStart(_ -> {
                throw failure;
            });
            assertThat(http().post("/containers/" + id + "/start").status()).isEqualTo(500);
            engine.kernel().onStart(_ -> {});
            JsonNode state = http().get("/containers/" + id + "/json").json().path("State");
            assertThat(state.path("Status").asString()).isEqualTo("created");
            assertThat(state.path("ExitCode").asInt()).isEqualTo(128);
            assertThat(http().post("/containers/" + id + "/start").status())
                    .as("it can be started again")
                    .isEqualTo(204);
            assertThat(http().send("DELETE", "/containers/" + id + "?force=1&v=1", null)
                            .status())
                    .isEqualTo(204);
            assertNothingHeld();
        }
    }

    @Test
    void aStartThatCannotBeRecordedEnds() throws Exception {
        String id = create();
        engine.kernel().released.clear();
        engine.failing(List.of("updateState"));
        assertThat(http().post("/containers/" + id + "/start").status()).isEqualTo(503);
        engine.failing(List.of());

        await(() -> engine.kernel().released.contains(new ContainerId(id)));
        assertThat(engine.kernel().processes(new ContainerId(id))).isEmpty();
        assertThat(http().get("/containers/" + id + "/json")
                        .json()
                        .at("/State/Status")
                        .asString())
                .isEqualTo("created");
        assertThat(http().post("/containers/" + id + "/start").status()).isEqualTo(204);
    }

    @Test
    void anEndThatCannotBeRecordedIsStillAnEnd() throws Exception {
        String id = create();
        assertThat(http().post("/containers/" + id + "/start").status()).isEqualTo(204);
        engine.kernel().released.clear();
        engine.failing(List.of("updateState"));
        assertThat(http().post("/containers/" + id + "/kill").status()).isEqualTo(204);

        await(() -> engine.kernel().released.contains(new ContainerId(id)));
        engine.failing(List.of());
        JsonNode state = http().get("/containers/" + id + "/json").json().path("State");
        assertThat(state.path("Status").asString()).isEqualTo("exited");
        assertThat(state.path("ExitCode").asInt()).isEqualTo(137);
    }

    @Test
    void aRemovalThatFailsIsFinishedLater() throws Exception {
        String id = create();
        Path containers = engine.dataDirectory().resolve("containers");
        engine.kernel().undeletable.add(containers.resolve(id));
        assertThat(http().send("DELETE", "/containers/" + id + "?v=1", null).status())
                .isEqualTo(204);
        await(() -> held().path("Orphans").toString().contains(id));
        assertThat(held().path("Orphans").toString()).contains("directory", id);
        engine.kernel().undeletable.clear();

        await(() -> Files.notExists(containers.resolve(id)));
        assertNothingHeld();
    }
}
