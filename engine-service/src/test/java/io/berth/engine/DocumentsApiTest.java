package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.event.EngineEvents;
import io.berth.engine.exec.Execs;
import io.berth.engine.fixture.EngineFixture;
import io.berth.engine.fixture.RawHttp;
import io.berth.engine.fixture.RawHttp.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Documents that are made to take the engine's memory, while they are read and for as long as something is kept. */
class DocumentsApiTest {
    private static final int MEBIBYTE = 1 << 20;

    @TempDir
    static Path directory;

    private static EngineFixture engine;

    @BeforeAll
    static void start() throws IOException {
        engine = new EngineFixture(directory);
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    private static RawHttp http() {
        return engine.http();
    }

    private static String run() throws IOException {
        Answer answer = http().post("/containers/create", "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"]}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        String id = answer.json().path("Id").asString();
        assertThat(http().post("/containers/" + id + "/start").status()).isEqualTo(204);
        return id;
    }

    private static void remove(String id) throws IOException {
        assertThat(http().delete("/containers/" + id + "?force=1").status()).isEqualTo(204);
    }

    static List<String> documents() {
        return List.of(
                "{\"a\":[" + "{},".repeat(1_390_000) + "{}]}",
                "{\"Labels\":{"
                        + IntStream.range(0, 300_000)
                                .mapToObj(i -> "\"" + i + "\":\"\"")
                                .collect(Collectors.joining(","))
                        + "}}",
                "{\"a\":" + "[".repeat(MEBIBYTE),
                "{\"a\":" + "9".repeat(MEBIBYTE) + "}",
                "{\"" + "n".repeat(MEBIBYTE) + "\":0}",
                "{\"a\":\"" + "t".repeat(3 * MEBIBYTE) + "\"}");
    }

    @ParameterizedTest
    @MethodSource("documents")
    void isRefusedInPlainWordsByEveryEndpoint(String document) throws IOException {
        String id = run();
        for (String path : List.of(
                "/containers/create",
                "/containers/" + id + "/update",
                "/containers/" + id + "/exec",
                "/networks/create",
                "/volumes/create",
                "/secrets/create")) {
            Answer answer = http().post(path, document);
            assertThat(answer.status()).as(path + ": " + answer.text()).isEqualTo(400);
            assertThat(answer.message()).startsWith("invalid JSON: ").doesNotContain("java", "jackson", "Stream", "`");
        }
        assertThat(http().get("/_ping").status()).isEqualTo(200);
        remove(id);
    }

    @Test
    void aValueOfTheWrongKindIsNamedByItsPlace() throws IOException {
        assertThat(http().post("/containers/create", "{\"HostConfig\":{\"Binds\":[{}]}}")
                        .message())
                .isEqualTo("invalid JSON: a value of the wrong kind at HostConfig.Binds[0]");
        assertThat(http().post("/volumes/create", "{\"Labels\":[{}]}").message())
                .isEqualTo("invalid JSON: a value of the wrong kind at Labels");
    }

    @Test
    void ordersThatNobodyStartsGiveWayAndNobodyElsesDo() throws IOException {
        String theirs = run();
        String other = exec(theirs, "{\"Cmd\":[\"both\"],\"AttachStdout\":true}");
        String id = run();
        String order = "{\"Cmd\":[\"both\",\"" + "t".repeat(2 * MEBIBYTE - 100) + "\"]}";
        long before = LiveHeap.bytes();
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            made.add(exec(id, order));
        }
        assertThat(LiveHeap.bytes() - before).isLessThan(64L * MEBIBYTE);
        assertThat(http().get("/exec/" + made.getFirst() + "/json").status()).isEqualTo(404);
        assertThat(http().get("/exec/" + made.getLast() + "/json").status()).isEqualTo(200);
        assertThat(http().post("/exec/" + other + "/start", "{}").status()).isEqualTo(200);
        for (int i = 0; i < 1_200; i++) {
            exec(id, "{\"Cmd\":[\"both\"]}");
        }
        assertThat(engine.bean(Execs.class).count()).isLessThan(1_100);
        remove(id);
        remove(theirs);
    }

    private static String exec(String container, String order) throws IOException {
        Answer made = http().post("/containers/" + container + "/exec", order);
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        return made.json().path("Id").asString();
    }

    @Test
    void anOrderThatTheKernelWouldNotTakeIsRefused() throws IOException {
        String id = run();
        String text = "\"" + "t".repeat(1_800_000) + "\"";
        Answer answer =
                http().post("/containers/" + id + "/exec", "{\"Cmd\":[\"both\"," + text + "],\"Env\":[" + text + "]}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.message()).isEqualTo("invalid exec: command and environment are too long");
        remove(id);
    }

    @Test
    void labelsAndOptionsHaveALimit() throws IOException {
        String many =
                IntStream.range(0, 1_001).mapToObj(i -> "\"l" + i + "\":\"\"").collect(Collectors.joining(","));
        String id = run();
        for (String labels : List.of(many, "\"l\":\"" + "t".repeat(257 * 1024) + "\"")) {
            for (String body : List.of(
                    "/containers/create {\"Image\":\"busybox\",\"Cmd\":[\"sleep\"],\"Labels\":{" + labels + "}}",
                    "/networks/create {\"Name\":\"large\",\"Labels\":{" + labels + "}}",
                    "/networks/create {\"Name\":\"large\",\"Options\":{" + labels + "}}",
                    "/volumes/create {\"Name\":\"large\",\"Labels\":{" + labels + "}}",
                    "/secrets/create {\"Name\":\"large\",\"Data\":\"QQ==\",\"Labels\":{" + labels + "}}")) {
                Answer answer =
                        http().post(body.substring(0, body.indexOf(' ')), body.substring(body.indexOf(' ') + 1));
                assertThat(answer.status()).as(answer.text()).isEqualTo(400);
                assertThat(answer.message()).containsAnyOf("too many", "too long");
            }
        }
        String most =
                IntStream.range(0, 1_000).mapToObj(i -> "\"l" + i + "\":\"\"").collect(Collectors.joining(","));
        assertThat(http().post("/volumes/create", "{\"Name\":\"fits\",\"Labels\":{" + most + "}}")
                        .status())
                .isEqualTo(201);
        remove(id);
    }

    @Test
    void longEventsAreNotRememberedWithoutEnd() throws InterruptedException {
        EngineEvents events = engine.bean(EngineEvents.class);
        String text = "t".repeat(200 * 1024);
        long before = LiveHeap.bytes();
        try (EngineEvents.Subscription slow = events.subscribe()) {
            for (int i = 0; i < 500; i++) {
                events.publish("container", "test", "id", java.util.Map.of("a", text + i));
            }
            assertThat(LiveHeap.bytes() - before).isLessThan(32L * MEBIBYTE);
            int seen = 0;
            while (slow.next(0).isPresent()) {
                seen++;
            }
            assertThat(seen).isBetween(1, 100);
            assertThat(slow.cutOff()).isTrue();
        }
        try (EngineEvents.Subscription next = events.subscribe()) {
            assertThat(next.past()).hasSizeBetween(1, 100);
            // Of short ones, as many are remembered as before.
            for (int i = 0; i < 1_100; i++) {
                events.publish("container", "test", "id", java.util.Map.of());
            }
        }
        try (EngineEvents.Subscription after = events.subscribe()) {
            assertThat(after.past()).hasSize(1024);
        }
    }
}
