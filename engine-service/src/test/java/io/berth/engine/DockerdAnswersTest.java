package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.fixture.EngineFixture;
import io.berth.engine.fixture.RawHttp;
import io.berth.engine.fixture.RawHttp.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
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

/** Defaults, orders and words in which dockerd has its habits; the golden files show them. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DockerdAnswersTest {
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

    private static String create(String name, String json) throws IOException {
        Answer answer = http.post("/v1.45/containers/create?name=" + name, json);
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return answer.json().path("Id").asString();
    }

    private static String run(String name, String program) throws IOException {
        String id = create(name, "{\"Image\":\"busybox\",\"Cmd\":[\"" + program + "\"]}");
        assertThat(http.post("/containers/" + id + "/start").status()).isEqualTo(204);
        return id;
    }

    private static JsonNode inspect(String id) throws IOException {
        return http.get("/v1.45/containers/" + id + "/json").json();
    }

    private static List<String> actions(String id, Instant since) throws IOException {
        return http.get("/events?since=" + since.getEpochSecond() + "&until="
                        + (Instant.now().getEpochSecond() + 1) + "&filters=%7B%22container%22:%5B%22" + id
                        + "%22%5D%7D")
                .text()
                .lines()
                .map(line -> JsonMapper.shared().readTree(line).path("Action").asString())
                .toList();
    }

    @Test
    void showsWhatMeansNoLimitAsNone() throws IOException {
        String id = create(
                "limits",
                "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"],\"Volumes\":{},\"HostConfig\":{\"MemorySwappiness\":-1,"
                        + "\"PidsLimit\":0,\"Memory\":67108864}}");
        JsonNode inspect = inspect(id);
        assertThat(inspect.path("HostConfig").path("MemorySwappiness").isNull()).isTrue();
        assertThat(inspect.path("HostConfig").path("PidsLimit").isNull()).isTrue();
        assertThat(inspect.path("HostConfig").path("MemorySwap").asLong()).isEqualTo(2 * 67108864L);
        assertThat(inspect.path("Config").path("Volumes").isNull()).isTrue();
        assertThat(inspect.path("Config").path("OnBuild").isNull()).isTrue();
        http.delete("/containers/" + id);
    }

    @Test
    void namesTheFilesFromTheFirstStartOn() throws IOException {
        String id = create("files", "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"]}");
        List<String> paths = List.of("ResolvConfPath", "HostnamePath", "HostsPath", "LogPath");
        JsonNode before = inspect(id);
        assertThat(paths).allMatch(path -> before.path(path).asString().isEmpty());
        http.post("/containers/" + id + "/start");
        JsonNode after = inspect(id);
        assertThat(paths).allMatch(path -> after.path(path).asString().startsWith("/"));
        http.delete("/containers/" + id + "?force=1");
    }

    @Test
    void tellsAStopBeforeTheDeath() throws IOException {
        Instant since = Instant.now();
        String id = run("stopped", "sleep");
        http.post("/containers/" + id + "/restart");
        http.post("/containers/" + id + "/stop");
        assertThat(actions(id, since))
                .containsExactly("create", "start", "kill", "stop", "die", "start", "restart", "kill", "stop", "die");
        http.delete("/containers/" + id);
    }

    @Test
    void zeroIsATimeOfEvents() throws IOException {
        String id = run("zero", "sleep");
        http.delete("/containers/" + id + "?force=1");
        assertThat(http.get("/events?since=1&until=0").message())
                .isEqualTo("`since` time (1) cannot be after `until` time (0)");
        assertThat(http.get("/events?until=0").text()).isEmpty();
        assertThat(http.get("/events?since=0&until=1").text()).isEmpty();
        assertThat(http.get("/events?since=0&until="
                                + Instant.now().plusSeconds(1).getEpochSecond())
                        .text())
                .contains(id);
    }

    @Test
    void aKillIsNoStop() throws IOException {
        Instant since = Instant.now();
        String id = run("killed", "sleep");
        http.post("/containers/" + id + "/kill");
        assertThat(actions(id, since)).containsExactly("create", "start", "kill", "die");
        http.delete("/containers/" + id);
    }

    @Test
    void listsExecsFromTheirOrderOnAndTellsOfFailedOnesToo() throws IOException {
        Instant since = Instant.now();
        String id = run("execs", "sleep");
        String exec = http.post("/containers/" + id + "/exec", "{\"Cmd\":[\"nope\"]}")
                .json()
                .path("Id")
                .asString();
        assertThat(inspect(id).path("ExecIDs").path(0).asString()).isEqualTo(exec);
        http.post("/exec/" + exec + "/start", "{\"Detach\":true}");
        assertThat(inspect(id).path("ExecIDs").isNull()).isTrue();
        assertThat(http.get("/exec/" + exec + "/json").json().path("ExitCode").asInt())
                .isEqualTo(126);
        assertThat(actions(id, since)).containsExactly("create", "start", "exec_create: nope ", "exec_start: nope ");
        http.delete("/containers/" + id + "?force=1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"CpusetCpus":"nosuch"}              | Invalid value nosuch for cpuset cpus: invalid format: nosuch
            {"Annotations":{"":"x"}}             | invalid Annotations: the empty string is not permitted as an annotation key
            {"Isolation":"process"}              | Invalid isolation: "process" - linux only supports 'default'
            {"StorageOpt":{"nosuch":"1"}}        | Unknown option nosuch
            {"StorageOpt":{"size":"10G"}}        | --storage-opt is supported only for overlay over xfs with 'pquota' mount option
            """)
    void refusesInDockerdsWords(String host, String message) throws IOException {
        Answer answer = http.post("/v1.45/containers/create", "{\"Image\":\"busybox\",\"HostConfig\":" + host + "}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.message()).isEqualTo(message);
    }

    @Test
    void prefixesWhatKillsAndRenamesAreRefusedFor() throws IOException {
        String id = create("one", "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"]}");
        String other = create("two", "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"]}");
        assertThat(http.post("/containers/nosuch/kill").message())
                .isEqualTo("cannot kill container: nosuch: No such container: nosuch");
        assertThat(http.post("/containers/nosuch/kill").status()).isEqualTo(404);
        assertThat(http.post("/containers/one/rename?name=two").message())
                .startsWith("Error when allocating new name: Conflict. The container name \"/two\" is already in use");
        assertThat(http.post("/containers/one/rename?name=a%20b").message())
                .startsWith("Error when allocating new name: Invalid container name (/a b)");
        http.delete("/containers/" + id);
        http.delete("/containers/" + other);
    }

    @Test
    void anUpdateCanTakeTheLimitOfProcessesAway() throws IOException {
        String id = run("updated", "sleep");
        assertThat(http.post("/containers/" + id + "/update", "{\"PidsLimit\":-1}")
                        .status())
                .isEqualTo(200);
        assertThat(engine.kernel().lastUpdate).isNotNull();
        assertThat(engine.kernel().lastUpdate.pids()).isZero();
        assertThat(inspect(id).path("HostConfig").path("PidsLimit").asLong()).isZero();
        http.delete("/containers/" + id + "?force=1");
    }
}
