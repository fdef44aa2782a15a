package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.fixture.EngineFixture;
import io.berth.engine.fixture.RawHttp;
import io.berth.engine.runtime.ContainerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class EngineRestartTest {
    @TempDir
    Path directory;

    @Test
    void findsItsContainersAgain() throws IOException {
        try (EngineFixture engine = new EngineFixture(directory)) {
            RawHttp http = engine.http();
            String running = create(http, "running", "\"sleep\"", "{}");
            String ended = create(http, "ended", "\"sleep\"", "{}");
            String removing = create(http, "removing", "\"sleep\"", "{\"AutoRemove\":true}");
            String again = create(http, "again", "\"sleep\"", "{\"RestartPolicy\":{\"Name\":\"always\"}}");
            String untouched = http.post("/containers/create?name=untouched", "{\"Image\":\"busybox\"}")
                    .json()
                    .path("Id")
                    .asString();
            for (String id : new String[] {running, ended, removing, again}) {
                assertThat(http.post("/containers/" + id + "/start").status()).isEqualTo(204);
            }
            engine.stop();
            for (String id : new String[] {ended, removing, again}) {
                engine.kernel().killAll(new ContainerId(id));
            }
            Path orphan = Files.createDirectories(
                    engine.dataDirectory().resolve("containers").resolve("0".repeat(64)));
            engine.start();
            http = engine.http();

            assertThat(state(http, "running").path("Status").asString()).isEqualTo("running");
            JsonNode unknown = state(http, "ended");
            assertThat(unknown.path("ExitCode").asInt()).isEqualTo(255);
            assertThat(unknown.path("Error").asString()).contains("unknown");
            assertThat(http.get("/containers/removing/json").status()).isEqualTo(404);
            assertThat(state(http, "again").path("Status").asString()).isEqualTo("running");
            assertThat(state(http, untouched).path("Status").asString()).isEqualTo("created");
            assertThat(orphan).doesNotExist();
            assertThat(http.post("/containers/running/stop").status()).isEqualTo(204);
            assertThat(state(http, "running").path("ExitCode").asInt()).isEqualTo(130);
            assertThat(http.delete("/containers/again?force=1").status()).isEqualTo(204);
        }
    }

    @Test
    void goesOnWaitingForTheNextStart() throws Exception {
        try (EngineFixture engine = new EngineFixture(directory)) {
            RawHttp http = engine.http();
            create(http, "crashing", "\"exit\",\"3\"", "{\"RestartPolicy\":{\"Name\":\"always\"}}");
            http.post("/containers/crashing/start");
            // The fifth start is 1.6 s after the end of the fourth, long enough to be caught in between.
            awaitRestarts(http, 5);
            engine.stop();
            engine.start();
            http = engine.http();
            assertThat(http.get("/containers/crashing/json")
                            .json()
                            .path("RestartCount")
                            .asInt())
                    .isGreaterThanOrEqualTo(5);
            awaitRestarts(http, 6);
            assertThat(http.post("/containers/crashing/start").status()).isEqualTo(304);
            assertThat(http.post("/containers/crashing/stop").status()).isEqualTo(204);
            assertThat(state(http, "crashing").path("Status").asString()).isEqualTo("exited");
            String finished = state(http, "crashing").path("FinishedAt").asString();
            engine.stop();
            engine.start();
            assertThat(state(engine.http(), "crashing").path("FinishedAt").asString())
                    .as("always: started again with the engine, although a user stopped it")
                    .isNotEqualTo(finished);
            engine.http().delete("/containers/crashing?force=1");
        }
    }

    private static void awaitRestarts(RawHttp http, int count) throws Exception {
        for (int i = 0; i < 2000; i++) {
            JsonNode crashing = http.get("/containers/crashing/json").json();
            if (crashing.path("RestartCount").asInt() >= count
                    && crashing.path("State").path("Restarting").asBoolean()) {
                return;
            }
            Thread.sleep(10);
        }
        throw new AssertionError("not restarted " + count + " times");
    }

    private static String create(RawHttp http, String name, String cmd, String hostConfig) throws IOException {
        return http.post(
                        "/containers/create?name=" + name,
                        "{\"Image\":\"busybox\",\"Cmd\":[" + cmd + "],\"HostConfig\":" + hostConfig + "}")
                .json()
                .path("Id")
                .asString();
    }

    private static JsonNode state(RawHttp http, String id) throws IOException {
        return http.get("/containers/" + id + "/json").json().path("State");
    }
}
