package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.docker.stream.StreamFrame;
import io.berth.docker.stream.StreamType;
import io.berth.engine.event.EngineEvents;
import io.berth.engine.fixture.EngineFixture;
import io.berth.engine.fixture.RawHttp;
import io.berth.engine.fixture.RawHttp.Answer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class EngineApiTest {
    @TempDir
    static Path directory;

    static EngineFixture engine;
    static RawHttp http;

    @BeforeAll
    static void start() throws IOException {
        engine = new EngineFixture(directory);
        http = engine.http();
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    static String create(String name, String json) throws IOException {
        Answer answer = http.post("/v1.55/containers/create" + (name.isEmpty() ? "" : "?name=" + name), json);
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return answer.json().path("Id").asString();
    }

    static String created(String... cmd) throws IOException {
        return create("", "{\"Image\":\"busybox\",\"Cmd\":[\"" + String.join("\",\"", cmd) + "\"]}");
    }

    static String running(String... cmd) throws IOException {
        String id = created(cmd);
        assertThat(http.post("/containers/" + id + "/start").status()).isEqualTo(204);
        return id;
    }

    static JsonNode state(String id) throws IOException {
        return http.get("/containers/" + id + "/json").json().path("State");
    }

    static int waitFor(String id) throws IOException {
        return http.post("/containers/" + id + "/wait")
                .json()
                .path("StatusCode")
                .asInt();
    }

    @Test
    void answersPingWithAndWithoutVersion() throws IOException {
        for (String path : List.of("/_ping", "/v1.24/_ping", "/v1.99/_ping")) {
            Answer ping = http.get(path);
            assertThat(ping.text()).isEqualTo("OK");
            assertThat(ping.headers())
                    .containsEntry("api-version", "1.55")
                    .containsEntry("builder-version", "2")
                    .containsEntry("docker-experimental", "false")
                    .containsEntry("ostype", "linux")
                    .containsEntry("pragma", "no-cache");
            assertThat(ping.headers().get("server")).matches("Berth/\\S+ \\(linux\\)");
        }
        Answer head = http.send("HEAD", "/_ping", null);
        assertThat(head.status()).isEqualTo(200);
    }

    @Test
    void tellsVersionAndInfo() throws IOException {
        JsonNode version = http.get("/version").json();
        assertThat(version.path("ApiVersion").asString()).isEqualTo("1.55");
        assertThat(version.path("MinAPIVersion").asString()).isEqualTo("1.24");
        JsonNode info = http.get("/info").json();
        assertThat(info.path("Images").asInt()).isEqualTo(7);
        assertThat(info.path("NCPU").asInt()).isPositive();
        assertThat(info.path("MemTotal").asLong()).isGreaterThan(1 << 20);
        assertThat(info.path("ID").asString())
                .isEqualTo(http.get("/info").json().path("ID").asString());
    }

    @Test
    void runsAContainerFromCreateToRemove() throws IOException {
        String id = create("full", "{\"Image\":\"busybox\",\"Cmd\":[\"both\"],\"Env\":[\"A=1\",\"FROM_IMAGE\"]}");
        assertThat(state(id).path("Status").asString()).isEqualTo("created");
        assertThat(http.post("/containers/full/start").status()).isEqualTo(204);
        assertThat(waitFor("full")).isZero();
        JsonNode inspect =
                http.get("/v1.40/containers/" + id.substring(0, 12) + "/json").json();
        assertThat(inspect.path("Name").asString()).isEqualTo("/full");
        assertThat(inspect.path("State").path("Status").asString()).isEqualTo("exited");
        assertThat(inspect.path("Config").path("WorkingDir").asString()).isEqualTo("/srv");
        assertThat(inspect.path("HostConfig").path("ShmSize").asLong()).isEqualTo(67108864);
        assertThat(inspect.path("HostConfig").path("NetworkMode").asString()).isEqualTo("bridge");
        assertThat(engine.kernel().lastLaunch.process().env())
                .contains("A=1", "PATH=/bin", "HOSTNAME=" + id.substring(0, 12))
                .noneMatch(entry -> entry.startsWith("FROM_IMAGE") || entry.startsWith("SECRET"));
        Answer logs = http.get("/containers/full/logs?stdout=1&stderr=1");
        assertThat(logs.headers()).containsEntry("content-type", "application/vnd.docker.multiplexed-stream");
        List<String> frames = frames(logs.body());
        assertThat(frames).containsExactly("STDOUT:out\n", "STDERR:err\n");
        assertThat(http.get("/v1.41/containers/full/logs?stdout=1").headers())
                .containsEntry("content-type", "application/vnd.docker.raw-stream");
        Path files = engine.dataDirectory().resolve("containers").resolve(id);
        assertThat(files.resolve(id + "-json.log"))
                .content()
                .matches("(?s)\\{\"log\":\"out\\\\n\",\"stream\":\"stdout\",\"time\":\"[^\"]+Z\"}\n.*");
        assertThat(http.delete("/containers/full").status()).isEqualTo(204);
        await(() -> !Files.exists(files));
        assertThat(http.get("/containers/full/json").status()).isEqualTo(404);
    }

    private static List<String> frames(byte[] body) throws IOException {
        List<String> frames = new ArrayList<>();
        ByteArrayInputStream in = new ByteArrayInputStream(body);
        for (Optional<StreamFrame> frame = StreamFrame.read(in); frame.isPresent(); frame = StreamFrame.read(in)) {
            frames.add(frame.get().type() + ":" + new String(frame.get().payload(), StandardCharsets.UTF_8));
        }
        return frames;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET    | /nothing                      |                                           | 404 | page not found
            POST   | /containers/json              |                                           | 404 | page not found
            GET    | /containers/none/json         |                                           | 404 | No such container: none
            POST   | /containers/none/start        |                                           | 404 | No such container: none
            POST   | /containers/create            | {"Image":                                 | 400 | invalid JSON: .*
            POST   | /containers/create            | {"Image":"nope","Cmd":["a"]}              | 404 | No such image: nope:latest
            POST   | /containers/create            | {"Image":"busybox","Cmd":["a"],"WorkingDir":"x"} | 400 | the working directory 'x' is invalid, it needs to be an absolute path
            POST   | /containers/create?name=_x    | {"Image":"busybox"}                       | 400 | Invalid container name \\(_x\\), only \\[a-zA-Z0-9\\]\\[a-zA-Z0-9_.-\\] are allowed
            POST   | /containers/create?name=../x  | {"Image":"busybox"}                       | 400 | Invalid container name .*
            POST   | /containers/create            | {"Image":"busybox","HostConfig":{"Memory":4096}} | 400 | Minimum memory limit allowed is 6MB
            POST   | /containers/create            | {"Image":"busybox","HostConfig":{"CapAdd":["FLY"]}} | 400 | invalid CapAdd: unknown capability: "CAP_FLY"
            POST   | /containers/create            | {"Image":"busybox","HostConfig":{"SecurityOpt":["fly"]}} | 400 | invalid --security-opt 1: "fly"
            POST   | /containers/create            | {"Image":"busybox","HostConfig":{"Binds":["/a:b"]}} | 400 | invalid volume specification: '/a:b': .*
            POST   | /containers/create            | {"Image":"busybox","HostConfig":{"RestartPolicy":{"Name":"sometimes"}}} | 400 | invalid restart policy: unknown policy 'sometimes'.*
            POST   | /containers/create            | {"Image":"busybox","HostConfig":{"LogConfig":{"Type":"smoke"}}} | 400 | error looking up logging plugin smoke: plugin "smoke" not found
            POST   | /containers/create            | {"Image":"busybox","Hostname":"a\\nb"}    | 400 | invalid hostname format: (?s).*
            GET    | /containers/json?filters=x    |                                           | 400 | invalid filter
            GET    | /containers/json?filters=%7B%22nope%22:%5B%22a%22%5D%7D |                 | 400 | invalid filter 'nope'
            GET    | /events?since=yesterday       |                                           | 400 | failed to parse value as time or duration.*
            POST   | /exec/none/start              | {}                                        | 404 | No such exec instance: none
            """)
    void refusesInDockersShape(String method, String path, String body, int status, String message) throws IOException {
        Answer answer = http.send(method, path, body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.headers().get("content-type")).startsWith("application/json");
        assertThat(answer.message()).matches(message);
        assertThat(answer.json().size()).isEqualTo(1);
    }

    @Test
    void refusesWhatDoesNotFitTheState() throws IOException {
        String id = running("sleep");
        create("taken", "{\"Image\":\"busybox\"}");
        Answer twice = http.post("/containers/create?name=taken", "{\"Image\":\"busybox\"}");
        assertThat(twice.status()).isEqualTo(409);
        assertThat(twice.message())
                .matches("Conflict. The container name \"/taken\" is already in use by container \"[0-9a-f]{64}\"\\."
                        + " You have to remove \\(or rename\\) that container to be able to reuse that name\\.");
        assertThat(http.post("/containers/" + id + "/start").status()).isEqualTo(304);
        String name =
                http.get("/containers/" + id + "/json").json().path("Name").asString();
        Answer remove = http.delete("/containers/" + id);
        assertThat(remove.status()).isEqualTo(409);
        assertThat(remove.message())
                .isEqualTo("cannot remove container \"" + name
                        + "\": container is running: stop the container before removing or force remove");
        Answer kill = http.post("/containers/taken/kill");
        assertThat(kill.status()).isEqualTo(409);
        assertThat(kill.message()).startsWith("cannot kill container: taken: container ");
        assertThat(http.post("/containers/taken/stop").status()).isEqualTo(304);
        assertThat(http.post("/containers/" + id + "/kill?signal=NOPE").message())
                .isEqualTo("cannot kill container: " + id + ": invalid signal: NOPE");
        assertThat(http.post("/containers/taken/rename?name=" + id.substring(0, 5))
                        .status())
                .isEqualTo(204);
        assertThat(http.delete("/containers/" + id + "?force=1").status()).isEqualTo(204);
        assertThat(http.post("/containers/create", "a=b").status()).isEqualTo(400);
    }

    @Test
    void tellsWhyAStartFailed() throws IOException {
        String id = created("nosuchprogram");
        Answer start = http.post("/containers/" + id + "/start");
        assertThat(start.status()).isEqualTo(400);
        assertThat(start.message())
                .isEqualTo(
                        "failed to create task for container: exec: \"nosuchprogram\": executable file not found in $PATH");
        assertThat(state(id).path("ExitCode").asInt()).isEqualTo(127);
        assertThat(state(id).path("Status").asString()).isEqualTo("created");
        assertThat(state(id).path("Error").asString()).contains("executable file not found");
        String other = created("/etc/passwd");
        assertThat(http.post("/containers/" + other + "/start").message()).contains("permission denied");
        assertThat(state(other).path("ExitCode").asInt()).isEqualTo(126);
        String gone = create("", "{\"Image\":\"busybox\",\"Cmd\":[\"nope\"],\"HostConfig\":{\"AutoRemove\":true}}");
        assertThat(http.post("/containers/" + gone + "/start").status()).isEqualTo(400);
        assertThat(http.get("/containers/" + gone + "/json").status()).isEqualTo(404);
    }

    @Test
    void sendsTheHeadersOfAWaitAtOnce() throws IOException {
        String id = running("sleep");
        try (RawHttp.Connection wait = http.open()) {
            wait.request("POST", "/v1.55/containers/" + id + "/wait?condition=next-exit", null, "");
            assertThat(wait.readHead()).isEqualTo(200);
            assertThat(http.post("/containers/" + id + "/kill?signal=SIGTERM").status())
                    .isEqualTo(204);
            assertThat(new String(wait.readBody(false), StandardCharsets.UTF_8)).isEqualTo("{\"StatusCode\":143}");
        }
    }

    @Test
    void removesAfterTheEndAndTellsWhoWaits() throws IOException {
        String id = create("", "{\"Image\":\"busybox\",\"Cmd\":[\"exit\",\"3\"],\"HostConfig\":{\"AutoRemove\":true}}");
        try (RawHttp.Connection wait = http.open()) {
            wait.request("POST", "/containers/" + id + "/wait?condition=removed", null, "");
            assertThat(wait.readHead()).isEqualTo(200);
            http.post("/containers/" + id + "/start");
            assertThat(new String(wait.readBody(false), StandardCharsets.UTF_8)).isEqualTo("{\"StatusCode\":3}");
        }
        assertThat(http.get("/containers/" + id + "/json").status()).isEqualTo(404);
    }

    @Test
    void attachesInUpgradeStyleAndClosesInputOnly() throws IOException {
        String id = create(
                "",
                "{\"Image\":\"busybox\",\"Cmd\":[\"cat\"],\"OpenStdin\":true,\"StdinOnce\":true,\"AttachStdin\":true}");
        try (RawHttp.Connection attach = http.open()) {
            attach.request(
                    "POST",
                    "/v1.55/containers/" + id + "/attach?stream=1&stdin=1&stdout=1&stderr=1",
                    null,
                    "Connection: Upgrade\r\nUpgrade: tcp\r\n");
            assertThat(attach.readHead()).isEqualTo(101);
            assertThat(attach.headers())
                    .containsEntry("upgrade", "tcp")
                    .containsEntry("content-type", "application/vnd.docker.multiplexed-stream");
            attach.write("early ".getBytes(StandardCharsets.US_ASCII));
            assertThat(http.post("/containers/" + id + "/start").status()).isEqualTo(204);
            StreamFrame first = StreamFrame.read(attach.in()).orElseThrow();
            assertThat(new String(first.payload(), StandardCharsets.US_ASCII)).isEqualTo("early ");
            attach.write("late".getBytes(StandardCharsets.US_ASCII));
            attach.shutdownOutput();
            StreamFrame second = StreamFrame.read(attach.in()).orElseThrow();
            assertThat(second.type()).isEqualTo(StreamType.STDOUT);
            assertThat(new String(second.payload(), StandardCharsets.US_ASCII)).isEqualTo("late");
            assertThat(StreamFrame.read(attach.in())).isEmpty();
        }
        assertThat(waitFor(id)).isZero();
    }

    @Test
    void attachesWithoutUpgradeToATerminal() throws IOException {
        String id = create("", "{\"Image\":\"busybox\",\"Cmd\":[\"cat\"],\"OpenStdin\":true,\"Tty\":true}");
        http.post("/containers/" + id + "/start");
        try (RawHttp.Connection attach = http.open()) {
            attach.request("POST", "/containers/" + id + "/attach?stream=1&stdin=1&stdout=1", null, "");
            assertThat(attach.readHead()).isEqualTo(200);
            assertThat(attach.headers())
                    .containsEntry("content-type", "application/vnd.docker.raw-stream")
                    .doesNotContainKey("transfer-encoding");
            attach.write("hi".getBytes(StandardCharsets.US_ASCII));
            assertThat(attach.in().readNBytes(2)).isEqualTo("hi".getBytes(StandardCharsets.US_ASCII));
            // ctrl-p ctrl-q: the client goes, the container stays.
            attach.write(new byte[] {16, 17});
            assertThat(attach.in().read()).isEqualTo(-1);
        }
        assertThat(state(id).path("Running").asBoolean()).isTrue();
        assertThat(http.post("/containers/" + id + "/resize?h=40&w=120").status())
                .isEqualTo(200);
        assertThat(http.delete("/containers/" + id + "?force=true").status()).isEqualTo(204);
    }

    @Test
    void givesAttachedClientsEverything() throws IOException {
        String id = created("spam", "20");
        try (RawHttp.Connection attach = http.open()) {
            attach.request("POST", "/containers/" + id + "/attach?stream=1&stdout=1", null, "");
            assertThat(attach.readHead()).isEqualTo(200);
            attach.shutdownOutput();
            http.post("/containers/" + id + "/start");
            long bytes = 0;
            for (Optional<StreamFrame> frame = StreamFrame.read(attach.in());
                    frame.isPresent();
                    frame = StreamFrame.read(attach.in())) {
                bytes += frame.get().payload().length;
            }
            assertThat(bytes).isEqualTo(20L << 20);
        }
    }

    @Test
    void followsLogsUntilTheEnd() throws IOException {
        String id = create("", "{\"Image\":\"busybox\",\"Cmd\":[\"cat\"],\"OpenStdin\":true,\"StdinOnce\":true}");
        http.post("/containers/" + id + "/start");
        try (RawHttp.Connection attach = http.open();
                RawHttp.Connection logs = http.open()) {
            attach.request("POST", "/containers/" + id + "/attach?stream=1&stdin=1", null, "Upgrade: tcp\r\n");
            assertThat(attach.readHead()).isEqualTo(101);
            attach.write("one\n".getBytes(StandardCharsets.US_ASCII));
            logs.request(
                    "GET", "/containers/" + id + "/logs?stdout=1&follow=1&timestamps=1", null, "Connection: close\r\n");
            assertThat(logs.readHead()).isEqualTo(200);
            assertThat(new String(logs.readChunk(), StandardCharsets.US_ASCII)).matches("(?s).{8}[0-9T:.-]{29}Z one\n");
            attach.write("two".getBytes(StandardCharsets.US_ASCII));
            attach.shutdownOutput();
            assertThat(new String(logs.readBody(false), StandardCharsets.US_ASCII))
                    .matches("(?s).*Z two");
        }
    }

    @Test
    void executesInAContainer() throws IOException {
        String id = running("sleep");
        Answer order = http.post(
                "/containers/" + id + "/exec",
                "{\"Cmd\":[\"both\"],\"AttachStdout\":true,\"AttachStderr\":true,\"Env\":[\"X=1\"],\"User\":\"0\"}");
        assertThat(order.status()).isEqualTo(201);
        String exec = order.json().path("Id").asString();
        try (RawHttp.Connection start = http.open()) {
            start.request(
                    "POST",
                    "/exec/" + exec + "/start",
                    "{\"Detach\":false}",
                    "Connection: Upgrade\r\nUpgrade: tcp\r\n");
            assertThat(start.readHead()).isEqualTo(101);
            assertThat(frames(start.in().readAllBytes())).containsExactly("STDOUT:out\n", "STDERR:err\n");
        }
        assertThat(engine.kernel().lastExec.process().env()).contains("X=1", "PATH=/bin");
        assertThat(engine.kernel().lastExec.process().user()).isEqualTo("0");
        await(() -> http.get("/exec/" + exec + "/json").json().path("ExitCode").isNumber());
        JsonNode inspect = http.get("/exec/" + exec + "/json").json();
        assertThat(inspect.path("ExitCode").asInt()).isZero();
        assertThat(inspect.path("Running").asBoolean()).isFalse();
        assertThat(http.post("/exec/" + exec + "/start", "{}").message()).contains("has already run");
        String broken = http.post("/containers/" + id + "/exec", "{\"Cmd\":[\"nope\"],\"AttachStdout\":true}")
                .json()
                .path("Id")
                .asString();
        assertThat(http.post("/exec/" + broken + "/start", "{}").text())
                .contains("executable file not found in $PATH\r\n");
        assertThat(http.get("/exec/" + broken + "/json").json().path("ExitCode").asInt())
                .isEqualTo(126);
        http.delete("/containers/" + id + "?force=1");
        assertThat(http.get("/exec/" + exec + "/json").status()).isEqualTo(404);
        String stopped = created("sleep");
        assertThat(http.post("/containers/" + stopped + "/exec", "{\"Cmd\":[\"both\"]}")
                        .status())
                .isEqualTo(409);
    }

    @Test
    void listsWithFilters() throws IOException {
        String first =
                create("list-a", "{\"Image\":\"busybox\",\"Cmd\":[\"exit\",\"7\"],\"Labels\":{\"set\":\"one\"}}");
        String second = create("list-b", "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"],\"Labels\":{\"set\":\"one\"}}");
        http.post("/containers/" + first + "/start");
        waitFor(first);
        http.post("/containers/" + second + "/start");
        assertThat(ids("label%22:%5B%22set=one")).containsExactly(second);
        assertThat(names("?all=1&filters=%7B%22label%22:%5B%22set=one%22%5D%7D"))
                .containsExactly("/list-b", "/list-a");
        assertThat(names("?all=1&filters=%7B%22exited%22:%5B%227%22%5D,%22label%22:%5B%22set%22%5D%7D"))
                .containsExactly("/list-a");
        assertThat(names("?filters=%7B%22exited%22:%5B%227%22%5D,%22label%22:%5B%22set%22%5D%7D"))
                .as("stopped ones are asked for")
                .isEmpty();
        assertThat(names("?filters=%7B%22before%22:%5B%22list-b%22%5D,%22label%22:%5B%22set%22%5D%7D"))
                .isEmpty();
        assertThat(names("?all=1&filters=%7B%22before%22:%5B%22list-b%22%5D,%22label%22:%5B%22set%22%5D%7D"))
                .containsExactly("/list-a");
        assertThat(ids("label%22:%5B%22set=one%22%5D,%22id%22:%5B%22" + second.substring(0, 12)))
                .containsExactly(second);
        assertThat(ids("label%22:%5B%22set=one%22%5D,%22id%22:%5B%22" + second.substring(1, 13)))
                .as("an id is known by its beginning")
                .isEmpty();
        assertThat(names("?filters=%7B%22name%22:%7B%22list-b%22:true%7D%7D")).containsExactly("/list-b");
        assertThat(names(
                        "?limit=1&filters=%7B%22ancestor%22:%5B%22busybox:latest%22%5D,%22label%22:%5B%22set%22%5D%7D"))
                .containsExactly("/list-b");
        JsonNode row = http.get("/containers/json?filters=%7B%22name%22:%5B%22list-b%22%5D%7D")
                .json()
                .get(0);
        assertThat(row.path("Status").asString()).startsWith("Up ");
        assertThat(row.path("State").asString()).isEqualTo("running");
        assertThat(row.path("Labels").path("tier").asString()).isEqualTo("image");
        assertThat(http.get("/containers/" + second + "/top")
                        .json()
                        .path("Titles")
                        .get(1)
                        .asString())
                .isEqualTo("PID");
        http.delete("/containers/" + second + "?force=1");
        http.delete("/containers/" + first);
    }

    private static List<String> ids(String filter) throws IOException {
        List<String> ids = new ArrayList<>();
        http.get("/containers/json?filters=%7B%22" + filter + "%22%5D%7D")
                .json()
                .forEach(row -> ids.add(row.path("Id").asString()));
        return ids;
    }

    private static List<String> names(String query) throws IOException {
        List<String> names = new ArrayList<>();
        http.get("/containers/json" + query)
                .json()
                .forEach(row -> names.add(row.path("Names").get(0).asString()));
        return names;
    }

    @Test
    void publishesEventsInOrder() throws IOException {
        Instant before = Instant.now();
        String id = running("exit", "0");
        waitFor(id);
        http.delete("/containers/" + id);
        String until = Long.toString(Instant.now().getEpochSecond() + 1);
        Answer events = http.get("/v1.43/events?since=" + before.getEpochSecond() + "&until=" + until
                + "&filters=%7B%22container%22:%5B%22" + id + "%22%5D%7D");
        List<String> actions = events.text()
                .lines()
                .map(line -> tools.jackson.databind.json.JsonMapper.shared().readTree(line))
                .map(event -> event.path("Action").asString())
                .toList();
        assertThat(actions).containsExactly("create", "start", "die", "destroy");
        assertThat(events.text()).contains("\"status\":\"die\"").contains("\"exitCode\":\"0\"");
        assertThat(http.get("/v1.43/events?until=" + until + "&filters=%7B%22container%22:%5B%22" + id + "%22%5D%7D")
                        .text())
                .as("from the first one that is remembered")
                .isEqualTo(events.text());
        assertThat(engine.bean(EngineEvents.class).listeners()).isZero();
    }

    @Test
    void stopsKillsAndRestarts() throws IOException {
        String polite = running("sleep");
        assertThat(http.post("/containers/" + polite + "/stop").status()).isEqualTo(204);
        // The image's stop signal is SIGINT.
        assertThat(state(polite).path("ExitCode").asInt()).isEqualTo(130);
        assertThat(http.post("/containers/" + polite + "/restart").status()).isEqualTo(204);
        assertThat(state(polite).path("Status").asString()).isEqualTo("running");
        String stubborn = running("trap");
        assertThat(http.post("/containers/" + stubborn + "/stop?t=0").status()).isEqualTo(204);
        assertThat(state(stubborn).path("ExitCode").asInt()).isEqualTo(137);
        http.delete("/containers/" + polite + "?force=1");
        http.delete("/containers/" + stubborn);
    }

    @Test
    void startsAgainAsThePolicySays() throws Exception {
        String id = create(
                "",
                "{\"Image\":\"busybox\",\"Cmd\":[\"exit\",\"1\"],"
                        + "\"HostConfig\":{\"RestartPolicy\":{\"Name\":\"on-failure\",\"MaximumRetryCount\":2}}}");
        http.post("/containers/" + id + "/start");
        await(() -> state(id).path("Status").asString().equals("exited"));
        assertThat(http.get("/containers/" + id + "/json")
                        .json()
                        .path("RestartCount")
                        .asInt())
                .isEqualTo(2);
        String forever = create(
                "",
                "{\"Image\":\"busybox\",\"Cmd\":[\"exit\",\"1\"],\"HostConfig\":{\"RestartPolicy\":{\"Name\":\"always\"}}}");
        http.post("/containers/" + forever + "/start");
        await(() -> state(forever).path("Restarting").asBoolean());
        assertThat(http.delete("/containers/" + forever).status()).isIn(409);
        assertThat(http.delete("/containers/" + forever + "?force=1").status()).isEqualTo(204);
    }

    @Test
    void survivesAStormOfStartsStopsAndRemovals() throws Exception {
        String id = created("sleep");
        List<Callable<Integer>> calls = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            String path = "/containers/" + id
                    + List.of("/start", "/stop?t=0", "/kill", "/json").get(i % 4);
            calls.add(() -> path.endsWith("json")
                    ? http.get(path).status()
                    : http.post(path).status());
        }
        calls.add(() -> http.delete("/containers/" + id + "?force=1").status());
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Integer> status : executor.invokeAll(calls)) {
                assertThat(status.get()).isIn(200, 204, 304, 404, 409);
            }
        }
        await(() -> http.delete("/containers/" + id + "?force=1").status() == 404
                || http.get("/containers/" + id + "/json").status() == 404);
        assertThat(engine.dataDirectory().resolve("containers").resolve(id)).doesNotExist();
    }

    static void await(Callable<Boolean> condition) {
        Instant deadline = Instant.now().plus(Duration.ofSeconds(20));
        try {
            while (!condition.call()) {
                assertThat(Instant.now()).as("time is up").isBefore(deadline);
                Thread.sleep(10);
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void refusesCallersWithoutTheCredential() throws IOException {
        assertThat(Files.getPosixFilePermissions(engine.socket())).hasSize(2);
    }
}
