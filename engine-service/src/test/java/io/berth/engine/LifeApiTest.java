package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.fixture.EngineFixture;
import io.berth.engine.fixture.RawHttp;
import io.berth.engine.fixture.RawHttp.Answer;
import io.berth.engine.runtime.ContainerId;
import io.berth.engine.stats.ContainerStats;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Pause, update, stats, waiting, events, top, and attach over a websocket. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class LifeApiTest {
    private static final String HANDSHAKE = String.join(
            "\r\n",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "");

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

    private static RawHttp http() {
        return engine.http();
    }

    private static String create(String cmd, String more) throws IOException {
        Answer created = http().post("/containers/create", "{\"Image\":\"busybox\",\"Cmd\":[" + cmd + "]" + more + "}");
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        return created.json().path("Id").asString();
    }

    private static String run(String cmd, String more) throws IOException {
        String id = create(cmd, more);
        assertThat(post("/containers/" + id + "/start")).isEqualTo("204");
        return id;
    }

    /** Status, and message where there is one. */
    private static String post(String path) throws IOException {
        Answer answer = http().post(path);
        return answer.body().length == 0 ? Integer.toString(answer.status()) : answer.status() + " " + answer.message();
    }

    private static JsonNode inspect(String id) throws IOException {
        return http().get("/containers/" + id + "/json").json();
    }

    private static String status(String id) throws IOException {
        return inspect(id).path("State").path("Status").asString();
    }

    private static void remove(String id) throws IOException {
        assertThat(http().delete("/containers/" + id + "?force=1").status()).isEqualTo(204);
    }

    private static String actions(String id) throws IOException {
        String filter = "&filters=%7B%22container%22:%5B%22" + id + "%22%5D%7D";
        StringBuilder actions = new StringBuilder();
        for (String line : http().get("/events?since=1&until=" + Instant.now() + filter)
                .text()
                .split("\n")) {
            actions.append(JsonMapper.shared().readTree(line).path("Action").asString())
                    .append(' ');
        }
        return actions.toString().strip();
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        Instant limit = Instant.now().plus(Duration.ofSeconds(20));
        while (!condition.call()) {
            assertThat(Instant.now()).as("in time").isBefore(limit);
            Thread.sleep(10);
        }
    }

    @Test
    void pausesAndGoesOn() throws IOException {
        String id = run("\"sleep\"", "");
        assertThat(post("/containers/" + id + "/unpause")).isEqualTo("409 Container " + id + " is not paused");
        assertThat(post("/containers/" + id + "/pause")).isEqualTo("204");
        assertThat(engine.kernel().frozen).contains(new ContainerId(id));
        JsonNode state = inspect(id).path("State");
        assertThat(state.path("Status").asString()).isEqualTo("paused");
        assertThat(state.path("Running").asBoolean()).isTrue();
        assertThat(state.path("Paused").asBoolean()).isTrue();
        assertThat(http().get("/containers/json?filters=%7B%22id%22:%5B%22" + id + "%22%5D%7D")
                        .text())
                .contains(" (Paused)\"");
        assertThat(post("/containers/" + id + "/pause")).isEqualTo("409 Container " + id + " is already paused");
        assertThat(post("/containers/" + id + "/start"))
                .isEqualTo("409 cannot start a paused container, try unpause instead");
        assertThat(http().post("/containers/" + id + "/exec", "{\"Cmd\":[\"both\"]}")
                        .message())
                .isEqualTo("Container " + id + " is paused, unpause the container before exec");
        assertThat(http().delete("/containers/" + id).message())
                .isEqualTo("cannot remove container \""
                        + inspect(id).path("Name").asString() + "\": container is paused and must be unpaused first");
        engine.stop();
        engine.start();
        assertThat(status(id)).isEqualTo("paused");
        assertThat(post("/containers/" + id + "/unpause")).isEqualTo("204");
        assertThat(engine.kernel().frozen).isEmpty();
        assertThat(status(id)).isEqualTo("running");
        post("/containers/" + id + "/pause");
        assertThat(post("/containers/" + id + "/stop")).isEqualTo("204");
        // The fake kernel delivers signals to frozen processes, so the end may come before the thaw.
        assertThat(actions(id)).matches("unpause pause kill (unpause )?stop die");
        assertThat(post("/containers/" + id + "/pause")).isEqualTo("409 container " + id + " is not running");
        remove(id);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"Memory":4096}                          | 400 Minimum memory limit allowed is 6MB
            {"Memory":200000000}                     | 409 Cannot update container %s: Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time
            {"NanoCpus":1000000000}                  | 409 Cannot update container %s: Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set
            {"RestartPolicy":{"Name":"always"}}      | 409 Cannot update container %s: Restart policy cannot be updated because AutoRemove is enabled for the container
            {"RestartPolicy":{"Name":"never"}}       | 400 invalid restart policy: unknown policy 'never'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'
            """)
    void refusesWrongUpdates(String body, String expected) throws IOException {
        String id =
                create("\"sleep\"", ",\"HostConfig\":{\"Memory\":67108864,\"CpuPeriod\":50000,\"AutoRemove\":true}");
        Answer answer = http().post("/containers/" + id + "/update", body);
        assertThat(answer.status() + " " + answer.message()).isEqualTo(expected.formatted(id));
        remove(id);
    }

    @Test
    void updatesWhatRunsAndKeepsIt() throws IOException {
        String id = run("\"sleep\"", ",\"HostConfig\":{\"Memory\":67108864}");
        Answer answer = http().post(
                        "/containers/" + id + "/update",
                        "{\"Memory\":100000000,\"CpuShares\":512,\"PidsLimit\":50,\"CpusetCpus\":\"0\","
                                + "\"RestartPolicy\":{\"Name\":\"on-failure\",\"MaximumRetryCount\":3}}");
        assertThat(answer.text().strip()).isEqualTo("{\"Warnings\":null}");
        assertThat(engine.kernel().lastUpdate.memory().bytes()).isEqualTo(100_000_000);
        assertThat(engine.kernel().lastUpdate.memory().withSwapBytes()).isEqualTo(2 * 67_108_864);
        assertThat(engine.kernel().lastUpdate.cpu().shares()).isEqualTo(512);
        assertThat(engine.kernel().lastUpdate.pids()).isEqualTo(50);
        assertThat(engine.kernel().lastUpdate.cpu().cpus()).isEqualTo("0");
        http().post(
                        "/containers/" + id + "/update",
                        "{\"RestartPolicy\":{\"Name\":\"\"},\"CpuShares\":0,\"Memory\":0}");
        assertThat(actions(id)).endsWith("update update");
        engine.stop();
        engine.start();
        JsonNode host = inspect(id).path("HostConfig");
        assertThat(host.path("Memory").asLong()).isEqualTo(100_000_000);
        assertThat(host.path("CpuShares").asLong()).isEqualTo(512);
        assertThat(host.path("PidsLimit").asLong()).isEqualTo(50);
        assertThat(host.path("RestartPolicy").path("Name").asString()).isEqualTo("on-failure");
        assertThat(host.path("RestartPolicy").path("MaximumRetryCount").asInt()).isEqualTo(3);
        remove(id);
    }

    @Test
    void tellsWhatIsUsed() throws Exception {
        String id = run("\"sleep\"", "");
        JsonNode once =
                http().get("/containers/" + id + "/stats?stream=0&one-shot=1").json();
        assertThat(once.path("id").asString()).isEqualTo(id);
        assertThat(once.path("os_type").asString()).isEqualTo("linux");
        assertThat(once.path("preread").asString()).isEqualTo("0001-01-01T00:00:00Z");
        assertThat(once.path("memory_stats").path("usage").asLong()).isEqualTo(1_000_000);
        assertThat(once.path("memory_stats").path("limit").asLong()).isLessThan(Long.MAX_VALUE);
        assertThat(once.path("pids_stats").path("limit").asString()).isEqualTo("18446744073709551615");
        assertThat(once.path("cpu_stats").path("online_cpus").asInt()).isPositive();
        JsonNode twice =
                http().get("/v1.40/containers/" + id + "/stats?stream=0").json();
        assertThat(twice.has("os_type")).isFalse();
        assertThat(twice.path("precpu_stats")
                        .path("cpu_usage")
                        .path("total_usage")
                        .asLong())
                .isEqualTo(1_000_000);
        assertThat(twice.path("precpu_stats").path("system_cpu_usage").asLong())
                .isLessThan(twice.path("cpu_stats").path("system_cpu_usage").asLong());
        try (RawHttp.Connection stream = http().open()) {
            stream.request("GET", "/containers/" + id + "/stats", null, "");
            assertThat(stream.readHead()).isEqualTo(200);
            JsonNode first = JsonMapper.shared().readTree(stream.readChunk());
            JsonNode second = JsonMapper.shared().readTree(stream.readChunk());
            assertThat(second.path("preread").asString())
                    .isEqualTo(first.path("read").asString());
            assertThat(engine.bean(ContainerStats.class).idle()).isFalse();
            http().post("/containers/" + id + "/kill");
            await(() -> {
                JsonNode next = JsonMapper.shared().readTree(stream.readChunk());
                return next.path("read").asString().startsWith("0001-");
            });
            remove(id);
            String end = "x";
            while (!end.isEmpty()) {
                end = new String(stream.readChunk(), StandardCharsets.UTF_8);
            }
        }
        await(() -> engine.bean(ContainerStats.class).idle());
        String stopped = create("\"sleep\"", "");
        JsonNode none = http().get("/containers/" + stopped + "/stats?stream=0").json();
        assertThat(none.path("memory_stats").size()).isZero();
        assertThat(none.path("cpu_stats").path("cpu_usage").path("total_usage").asLong())
                .isZero();
        assertThat(http().get("/containers/" + stopped + "/stats?one-shot=1").message())
                .isEqualTo("cannot have stream=true and one-shot=true");
        remove(stopped);
    }

    /** On a thread of its own: the common pool may have only one. */
    private static CompletableFuture<JsonNode> waiting(String path) {
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                answer.complete(http().post(path).json());
            } catch (IOException e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    @Test
    void waitsForAnExitEvenIfTheContainerIsStartedAgain() throws Exception {
        String id = create("\"cat\"", ",\"OpenStdin\":true,\"HostConfig\":{\"RestartPolicy\":{\"Name\":\"always\"}}");
        assertThat(http().post("/containers/" + id + "/wait")
                        .json()
                        .path("StatusCode")
                        .asInt())
                .isZero();
        CompletableFuture<JsonNode> next = waiting("/containers/" + id + "/wait?condition=next-exit");
        post("/containers/" + id + "/start");
        CompletableFuture<JsonNode> stopped = waiting("/containers/" + id + "/wait");
        Thread.sleep(300);
        assertThat(next).isNotDone();
        assertThat(stopped).isNotDone();
        engine.kernel().killAll(new ContainerId(id));
        assertThat(next.get(20, TimeUnit.SECONDS).path("StatusCode").asInt()).isEqualTo(137);
        assertThat(stopped.get(20, TimeUnit.SECONDS).path("StatusCode").asInt()).isEqualTo(137);
        await(() -> status(id).equals("running"));
        assertThat(inspect(id).path("RestartCount").asInt()).isEqualTo(1);
        assertThat(post("/containers/" + id + "/wait?condition=later")).isEqualTo("400 invalid condition: \"later\"");
        remove(id);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1.55 |                                             | application/json
            1.55 | application/x-ndjson                        | application/x-ndjson
            1.55 | application/json-seq, application/jsonl;q=0.5 | application/json-seq
            1.55 | text/html, application/jsonl                | application/jsonl
            1.51 | application/x-ndjson                        | application/json
            """)
    void writesEventsAsTheClientLikes(String version, String accept, String expected) throws IOException {
        String id = run("\"exit\",\"0\"", "");
        try (RawHttp.Connection events = http().open()) {
            events.request(
                    "GET",
                    "/v" + version + "/events?since=1&until=" + Instant.now() + "&filters=%7B%22container%22:%5B%22"
                            + id + "%22%5D%7D",
                    null,
                    (accept == null ? "" : "Accept: " + accept + "\r\n") + "Connection: close\r\n");
            assertThat(events.readHead()).isEqualTo(200);
            assertThat(events.headers().get("content-type")).isEqualTo(expected);
            String text = new String(events.readBody(false), StandardCharsets.UTF_8);
            assertThat(text.startsWith("\u001e")).isEqualTo(expected.equals("application/json-seq"));
            assertThat(text.contains("\"status\":\"create\"")).isEqualTo(version.equals("1.51"));
            assertThat(text).contains("\"Action\":\"create\"");
        }
        remove(id);
    }

    @Test
    void takesEventsOfImages() throws IOException {
        Answer answer = http().post(
                        "/node/v1/events",
                        "{\"action\":\"tag\",\"subject\":\"sha256:abc\",\"attributes\":{\"name\":\"app:1\"}}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        String events = http().get(
                        "/events?since=1&until=" + Instant.now() + "&filters=%7B%22image%22:%5B%22app:1%22%5D%7D")
                .text();
        assertThat(events).contains("\"Type\":\"image\",\"Action\":\"tag\"", "\"ID\":\"sha256:abc\"");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                     | UID PID PPID C STIME TTY TIME CMD
            -ef                    | UID PID PPID C STIME TTY TIME CMD
            aux                    | USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND
            -eo%20pid,comm,args    | PID COMMAND COMMAND
            -o%20pid%20-o%20user   | PID USER
            axo%20pid,stat         | PID STAT
            """)
    void listsProcesses(String arguments, String titles) throws IOException {
        String id = run("\"sleep\"", "");
        JsonNode top =
                http().get("/containers/" + id + "/top?ps_args=" + arguments).json();
        assertThat(String.join(
                        " ",
                        top.path("Titles").valueStream().map(JsonNode::asString).toList()))
                .isEqualTo(titles);
        assertThat(top.path("Processes").get(0).size())
                .isEqualTo(top.path("Titles").size());
        remove(id);
    }

    @Test
    void refusesOtherColumns() throws IOException {
        String id = run("\"sleep\"", "");
        assertThat(http().get("/containers/" + id + "/top?ps_args=-o%20comm").message())
                .isEqualTo("Couldn't find PID field in ps output");
        assertThat(http().get("/containers/" + id + "/top?ps_args=-o%20pid=PID").status())
                .isEqualTo(400);
        assertThat(http().get("/containers/" + id + "/top?ps_args=--forest").status())
                .isEqualTo(400);
        remove(id);
        String stopped = create("\"sleep\"", "");
        assertThat(http().get("/containers/" + stopped + "/top").message())
                .isEqualTo("container " + stopped + " is not running");
        remove(stopped);
    }

    @Test
    void attachesOverAWebSocket() throws IOException {
        String id = run("\"cat\"", ",\"OpenStdin\":true,\"StdinOnce\":true");
        try (RawHttp.Connection socket = http().open()) {
            socket.request("GET", "/containers/" + id + "/attach/ws?stream=1&stdin=1&stdout=1", null, HANDSHAKE);
            assertThat(socket.readHead()).isEqualTo(101);
            assertThat(socket.headers().get("sec-websocket-accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
            assertThat(socket.headers().get("upgrade")).isEqualTo("websocket");
            DataInputStream in = new DataInputStream(socket.in());
            socket.write(frame(0x82, "hello\n"));
            assertThat(message(in)).isEqualTo("130 hello\n");
            socket.write(frame(0x89, "are you there"));
            assertThat(message(in)).isEqualTo("138 are you there");
            socket.write(frame(0x02, "a".repeat(300)));
            assertThat(message(in)).isEqualTo("130 " + "a".repeat(300));
            socket.write(frame(0x88, "\u0003\u0000"));
            assertThat(in.readUnsignedByte()).isEqualTo(0x88);
            assertThat(in.readAllBytes()).hasSize(3);
        }
        assertThat(http().get("/containers/" + id + "/attach/ws?stream=1").status())
                .isEqualTo(400);
        remove(id);
    }

    private static byte[] frame(int first, String text) {
        byte[] content = text.getBytes(StandardCharsets.ISO_8859_1);
        byte[] mask = {1, 2, 3, 4};
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(first);
        if (content.length > 125) {
            frame.write(0x80 | 126);
            frame.write(content.length >> 8);
            frame.write(content.length);
        } else {
            frame.write(0x80 | content.length);
        }
        frame.writeBytes(mask);
        for (int i = 0; i < content.length; i++) {
            frame.write(content[i] ^ mask[i & 3]);
        }
        return frame.toByteArray();
    }

    private static String message(DataInputStream in) throws IOException {
        int first = in.readUnsignedByte();
        int length = in.readUnsignedByte();
        if (length == 126) {
            length = in.readUnsignedShort();
        }
        return first + " " + new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
    }

    @Test
    void refusesToRemoveLinks() throws IOException {
        String id = create("\"sleep\"", "");
        assertThat(http().delete("/containers/" + id + "?link=1").message())
                .isEqualTo("Conflict, cannot remove the default link name of the container");
        remove(id);
    }

    @Test
    void keepsNothingOfManyExecs() throws Exception {
        String id = run("\"sleep\"", "");
        int threads = Thread.activeCount();
        for (int i = 0; i < 300; i++) {
            String exec = http().post("/containers/" + id + "/exec", "{\"Cmd\":[\"both\"],\"AttachStdout\":true}")
                    .json()
                    .path("Id")
                    .asString();
            assertThat(http().post("/exec/" + exec + "/start", "{}").status()).isEqualTo(200);
        }
        await(() -> inspect(id).path("ExecIDs").isNull());
        assertThat(Thread.activeCount()).isLessThan(threads + 20);
        remove(id);
        assertThat(engine.bean(io.berth.engine.exec.Execs.class).count()).isZero();
    }
}
