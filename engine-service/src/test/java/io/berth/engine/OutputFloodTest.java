package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.docker.stream.StreamFrame;
import io.berth.engine.fixture.EngineFixture;
import io.berth.engine.fixture.RawHttp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CVE-2022-31030, CVE-2022-1708: a gigabyte of output that nobody reads, or that somebody reads slowly. */
class OutputFloodTest {
    private static final long MEGABYTE = 1 << 20;
    /** Far beyond what buffers need, and far below what is written. */
    private static final long FLAT = 64 * MEGABYTE;

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

    private static String run(String command) throws IOException {
        String id = http().post("/containers/create", "{\"Image\":\"busybox\",\"Cmd\":[" + command + "]}")
                .json()
                .path("Id")
                .asString();
        assertThat(http().post("/containers/" + id + "/start").status()).isEqualTo(204);
        return id;
    }

    private static RawHttp.Connection flood(String container) throws IOException {
        String exec = http().post(
                        "/containers/" + container + "/exec",
                        "{\"Cmd\":[\"spam\",\"1024\"],\"AttachStdout\":true,\"AttachStderr\":true}")
                .json()
                .path("Id")
                .asString();
        RawHttp.Connection connection = http().open();
        connection.request("POST", "/exec/" + exec + "/start", "{}", "Connection: Upgrade\r\nUpgrade: tcp\r\n");
        assertThat(connection.readHead()).isEqualTo(101);
        return connection;
    }

    /** A container, and an exec in another one, are served as if nothing was. */
    private static void othersAnswer(String other) throws IOException {
        assertThat(http().get("/containers/" + other + "/json").status()).isEqualTo(200);
        assertThat(http().get("/containers/json?all=1").status()).isEqualTo(200);
        String exec = http().post(
                        "/containers/" + other + "/exec", "{\"Cmd\":[\"echo\",\"here\"],\"AttachStdout\":true}")
                .json()
                .path("Id")
                .asString();
        assertThat(http().post("/exec/" + exec + "/start", "{}").text()).contains("here");
        String third = run("\"echo\",\"there\"");
        assertThat(http().post("/containers/" + third + "/wait")
                        .json()
                        .path("StatusCode")
                        .asInt())
                .isZero();
        http().delete("/containers/" + third);
    }

    @Test
    void nobodyReadsAndTheHeapStaysFlat() throws IOException {
        String id = run("\"sleep\"");
        String other = run("\"sleep\"");
        long before = LiveHeap.bytes();
        try (RawHttp.Connection second = flood(id)) {
            // One goes away without a word, the other changes its mind and reads everything.
            try (RawHttp.Connection _ = flood(id)) {
                othersAnswer(other);
                assertThat(LiveHeap.bytes() - before).isLessThan(FLAT);
            }
            long read = 0;
            for (Optional<StreamFrame> frame = StreamFrame.read(second.in());
                    frame.isPresent();
                    frame = StreamFrame.read(second.in())) {
                read += frame.get().payload().length;
                if (read == 512 * MEGABYTE) {
                    assertThat(LiveHeap.bytes() - before).isLessThan(FLAT);
                    othersAnswer(other);
                }
            }
            assertThat(read).isEqualTo(1024 * MEGABYTE);
        }
        assertThat(LiveHeap.bytes() - before).isLessThan(FLAT);
        for (String each : new String[] {id, other}) {
            http().delete("/containers/" + each + "?force=1");
        }
    }

    @Test
    void theLogOfAFloodStaysSmall() throws IOException {
        String other = run("\"sleep\"");
        long before = LiveHeap.bytes();
        String id = run("\"spam\",\"256\"");
        othersAnswer(other);
        assertThat(http().post("/containers/" + id + "/wait")
                        .json()
                        .path("StatusCode")
                        .asInt())
                .isZero();
        assertThat(LiveHeap.bytes() - before).isLessThan(FLAT);
        for (String each : new String[] {id, other}) {
            http().delete("/containers/" + each + "?force=1");
        }
    }
}
