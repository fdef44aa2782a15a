package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.fixture.EngineFixture;
import io.berth.engine.fixture.RawHttp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A container whose start does not come back holds its own lock, and nobody who asks for anything else waits for that. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class WedgedStartTest {
    @TempDir
    Path directory;

    @Test
    void nobodyElseWaits() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        try (EngineFixture engine = new EngineFixture(directory);
                ExecutorService clients = Executors.newCachedThreadPool()) {
            RawHttp http = engine.http();
            String wedged = create(http, "wedged");
            engine.kernel().onStart(launch -> {
                if (launch.id().value().equals(wedged)) {
                    reached.countDown();
                    awaitEnd(end);
                }
            });
            Future<RawHttp.Answer> start = clients.submit(() -> http.post("/containers/wedged/start"));
            reached.await();

            assertThat(http.get("/containers/json?all=1&size=1").text()).contains(wedged);
            assertThat(http.get("/containers/json").text()).isEqualTo("[]");
            assertThat(http.get("/containers/wedged/json")
                            .json()
                            .at("/State/Status")
                            .asString())
                    .isEqualTo("created");
            assertThat(http.get("/containers/wedged/stats?stream=0&one-shot=1").status())
                    .isEqualTo(200);
            assertThat(http.get("/containers/wedged/logs?stdout=1").status()).isEqualTo(200);
            String other = create(http, "other");
            assertThat(http.post("/containers/other/start").status()).isEqualTo(204);
            assertThat(http.get("/containers/json").json().get(0).path("Id").asString())
                    .isEqualTo(other);
            assertThat(http.get("/system/df").status()).isEqualTo(200);
            assertThat(http.get("/info").json().path("Containers").asInt()).isEqualTo(2);
            assertThat(http.get("/berth/held").json().path("Containers").size()).isEqualTo(2);
            assertThat(http.post("/containers/other/kill").status()).isEqualTo(204);
            assertThat(http.post("/containers/other/wait").status()).isEqualTo(200);
            assertThat(http.send("DELETE", "/containers/other", null).status()).isEqualTo(204);
            assertThat(http.post("/containers/prune")
                            .json()
                            .path("ContainersDeleted")
                            .size())
                    .as("what is being started is not pruned")
                    .isZero();
            assertThat(start.isDone()).isFalse();

            end.countDown();
            assertThat(start.get().status()).isEqualTo(204);
            assertThat(http.get("/containers/wedged/json")
                            .json()
                            .at("/State/Running")
                            .asBoolean())
                    .isTrue();
            assertThat(http.send("DELETE", "/containers/wedged?force=1", null).status())
                    .isEqualTo(204);
        }
    }

    private static void awaitEnd(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String create(RawHttp http, String name) throws IOException {
        RawHttp.Answer created =
                http.post("/containers/create?name=" + name, "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"]}");
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        return created.json().path("Id").asString();
    }
}
