package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.fixture.EngineFixture;
import io.berth.engine.fixture.RawHttp;
import io.berth.engine.runtime.ContainerId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Whoever sees the end of a stream and asks then how the process ended is told: the stock CLI asks just then, and takes what still
 * runs for success. {@code -Dexits.runs=20000} takes that many of each kind.
 */
@Timeout(value = 1, unit = TimeUnit.HOURS)
class ExitsApiTest {
    private static final int RUNS = Integer.getInteger("exits.runs", 30);
    private static final String UPGRADE = "Connection: Upgrade\r\nUpgrade: tcp\r\n";
    private static final String WEBSOCKET = String.join(
            "\r\n",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "");

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

    private static String create(String command, String more) throws IOException {
        RawHttp.Answer created =
                http().post("/containers/create", "{\"Image\":\"busybox\",\"Cmd\":[" + command + "]" + more + "}");
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        return created.json().path("Id").asString();
    }

    private static void remove(String container) throws IOException {
        assertThat(http().delete("/containers/" + container + "?force=1").status())
                .isEqualTo(204);
    }

    private static void readToTheEnd(RawHttp.Connection stream) throws IOException {
        byte[] _ = stream.in().readAllBytes();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"AttachStdout\":true,\"AttachStderr\":true,\"Cmd\":[\"late\",\"7\"]",
                "\"AttachStdout\":true,\"Tty\":true,\"Cmd\":[\"late\",\"7\"]",
                "\"AttachStdin\":true,\"AttachStdout\":true,\"Cmd\":[\"late\",\"7\"]"
            })
    void anExecHasEndedWhenItsStreamEnds(String order) throws IOException {
        String container = create("\"sleep\"", "");
        http().post("/containers/" + container + "/start");
        for (int i = 0; i < RUNS; i++) {
            String exec = http().post("/containers/" + container + "/exec", "{" + order + "}")
                    .json()
                    .path("Id")
                    .asString();
            try (RawHttp.Connection stream = http().open()) {
                stream.request("POST", "/exec/" + exec + "/start", "{\"Detach\":false}", UPGRADE);
                assertThat(stream.readHead()).isEqualTo(101);
                readToTheEnd(stream);
            }
            assertEnded(exec, container, i);
        }
        remove(container);
    }

    @Test
    void anExecHasEndedWhenItsWebSocketEnds() throws IOException {
        String container = create("\"sleep\"", "");
        http().post("/containers/" + container + "/start");
        for (int i = 0; i < RUNS; i++) {
            String order = "{\"AttachStdin\":true,\"AttachStdout\":true,\"Cmd\":[\"late\",\"7\"]}";
            String exec = http().post("/containers/" + container + "/exec", order)
                    .json()
                    .path("Id")
                    .asString();
            try (RawHttp.Connection stream = http().open()) {
                stream.request("GET", "/berth/exec/" + exec + "/ws", null, WEBSOCKET);
                assertThat(stream.readHead()).isEqualTo(101);
                readToTheEnd(stream);
            }
            assertEnded(exec, container, i);
        }
        remove(container);
    }

    private static void assertEnded(String exec, String container, int run) throws IOException {
        JsonNode inspect = http().get("/exec/" + exec + "/json").json();
        assertThat(inspect.path("Running").asBoolean()).as("run %s", run).isFalse();
        assertThat(inspect.path("ExitCode").asInt(-1)).as("run %s", run).isEqualTo(7);
        assertThat(http().get("/containers/" + container + "/json")
                        .json()
                        .path("ExecIDs")
                        .isNull())
                .as("run %s", run)
                .isTrue();
    }

    /** By each stream that ends with a container. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /containers/%s/attach?stream=1&stdout=1&stderr=1",
                "GET /containers/%s/attach/ws?stream=1&stdout=1",
                "GET /containers/%s/logs?follow=1&stdout=1",
                "POST /containers/%s/wait?condition=next-exit"
            })
    void aContainerHasEndedWhenItsStreamEnds(String request) throws IOException {
        String[] parts = request.split(" ");
        String container = create("\"exit\",\"7\"", "");
        for (int i = 0; i < RUNS; i++) {
            try (RawHttp.Connection stream = http().open()) {
                boolean logs = request.contains("/logs");
                if (logs) {
                    // They are followed once it runs only.
                    http().post("/containers/" + container + "/start");
                }
                boolean upgrade = request.contains("/attach");
                stream.request(
                        parts[0],
                        parts[1].formatted(container),
                        null,
                        request.contains("/ws") ? WEBSOCKET : upgrade ? UPGRADE : "Connection: close\r\n");
                assertThat(stream.readHead()).isEqualTo(upgrade ? 101 : 200);
                if (!logs) {
                    http().post("/containers/" + container + "/start");
                }
                readToTheEnd(stream);
            }
            JsonNode state =
                    http().get("/containers/" + container + "/json").json().path("State");
            assertThat(state.path("Status").asString()).as("run %s", i).isEqualTo("exited");
            assertThat(state.path("ExitCode").asInt(-1)).as("run %s", i).isEqualTo(7);
        }
        remove(container);
    }

    /** Its last output is in the log by the time that anybody hears of its end. */
    @Test
    void theLogIsCompleteWhenAWaitEnds() throws IOException {
        String container = create("\"printf\",\"last words\"", "");
        for (int i = 0; i < RUNS; i++) {
            http().post("/containers/" + container + "/start");
            http().post("/containers/" + container + "/wait");
            String log = http().get("/containers/" + container + "/logs?stdout=1&tail=1")
                    .text();
            assertThat(log).endsWith("last words");
            remove(container);
            container = create("\"printf\",\"last words\"", "");
        }
        remove(container);
    }

    /** The restart policy has decided on the next start, and the present run is not over yet for those who ask. */
    @ParameterizedTest
    @ValueSource(strings = {"stop", "kill"})
    void whatAUserStopsWhileItsEndIsRecordedIsNotStartedAgain(String how) throws Exception {
        String container = create("\"sleep\"", ",\"HostConfig\":{\"RestartPolicy\":{\"Name\":\"always\"}}");
        http().post("/containers/" + container + "/start");
        CountDownLatch recording = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        engine.beforeStoring(call -> {
            if (call.equals("updateState") && recording.getCount() > 0) {
                recording.countDown();
                awaitQuietly(asked);
            }
        });
        try {
            // The program ends by itself, as far as the engine can know.
            engine.kernel().killAll(new ContainerId(container));
            recording.await();
            Future<RawHttp.Answer> stopped =
                    ForkJoinPool.commonPool().submit(() -> http().post("/containers/" + container + "/" + how));
            // Whoever does not wait for the record has asked the run by then.
            Thread.sleep(300);
            asked.countDown();
            assertThat(stopped.get().status()).isEqualTo(204);
        } finally {
            asked.countDown();
            engine.beforeStoring(_ -> {});
        }
        JsonNode state = http().get("/containers/" + container + "/json").json().path("State");
        assertThat(state.path("Status").asString()).isEqualTo("exited");
        assertThat(state.path("Restarting").asBoolean()).isFalse();
        remove(container);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
