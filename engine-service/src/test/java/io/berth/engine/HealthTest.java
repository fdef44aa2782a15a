package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.exec.Execs;
import io.berth.engine.fixture.EngineFixture;
import io.berth.engine.fixture.RawHttp;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
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
class HealthTest {
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

    private static String run(String check, String more) throws IOException {
        RawHttp.Answer created = http().post(
                        "/containers/create",
                        "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"],\"Healthcheck\":" + check + more + "}");
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        String id = created.json().path("Id").asString();
        assertThat(http().post("/containers/" + id + "/start").status()).isEqualTo(204);
        return id;
    }

    private static JsonNode health(String id) throws IOException {
        return http().get("/containers/" + id + "/json").json().path("State").path("Health");
    }

    private static String status(String id) throws IOException {
        return health(id).path("Status").asString();
    }

    private static JsonNode row(String id) throws IOException {
        return http().get("/containers/json?all=1&filters=%7B%22id%22:%5B%22" + id + "%22%5D%7D")
                .json()
                .get(0);
    }

    private static void await(Callable<Boolean> condition) throws IOException {
        Instant limit = Instant.now().plus(Duration.ofSeconds(20));
        try {
            while (!condition.call()) {
                assertThat(Instant.now()).as("in time").isBefore(limit);
                Thread.sleep(10);
            }
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static String events(String id) throws IOException {
        return http().get("/events?since=1&until=" + Instant.now() + "&filters=%7B%22container%22:%5B%22" + id
                        + "%22%5D%7D")
                .text();
    }

    @Test
    void tellsWhatIsHealthy() throws IOException {
        String unknown = run("{\"Test\":[\"CMD\",\"both\"],\"Interval\":3600000000000}", "");
        assertThat(status(unknown)).isEqualTo("starting");
        assertThat(row(unknown).path("Status").asString()).endsWith(" (health: starting)");
        http().delete("/containers/" + unknown + "?force=1");
        String id = run("{\"Test\":[\"CMD\",\"both\"],\"Interval\":40000000}", "");
        await(() -> status(id).equals("healthy") && health(id).path("Log").size() == 5);
        JsonNode result = health(id).path("Log").get(4);
        assertThat(result.path("ExitCode").asInt()).isZero();
        assertThat(result.path("Output").asString()).isEqualTo("out\nerr\n");
        assertThat(Instant.parse(result.path("End").asString()))
                .isAfter(Instant.parse(result.path("Start").asString()));
        assertThat(row(id).path("Status").asString()).endsWith(" (healthy)");
        assertThat(row(id).path("Health").path("Status").asString()).isEqualTo("healthy");
        assertThat(http().get("/containers/json?filters=%7B%22health%22:%5B%22healthy%22%5D%7D")
                        .text())
                .contains(id);
        assertThat(http().get("/containers/json?filters=%7B%22health%22:%5B%22none%22%5D%7D")
                        .text())
                .doesNotContain(id);
        assertThat(events(id))
                .contains(
                        "\"Action\":\"exec_create: both \"",
                        "\"Action\":\"exec_start: both \"",
                        "\"Action\":\"exec_die\"")
                .containsOnlyOnce("\"Action\":\"health_status: healthy\"");
        http().post("/containers/" + id + "/kill");
        await(() -> status(id).equals("unhealthy"));
        await(() -> engine.bean(Execs.class).count() == 0);
        int probes = engine.kernel().execs.get();
        await(() -> engine.kernel().execs.get() == probes);
        http().post("/containers/" + id + "/start");
        await(() -> status(id).equals("healthy"));
        http().delete("/containers/" + id + "?force=1");
    }

    @Test
    void tellsWhatIsUnhealthy() throws IOException {
        String id = run("{\"Test\":[\"CMD\",\"exit\",\"3\"],\"Interval\":50000000,\"Retries\":2}", "");
        await(() -> status(id).equals("unhealthy"));
        assertThat(health(id).path("FailingStreak").asInt()).isGreaterThanOrEqualTo(2);
        assertThat(health(id).path("Log").get(0).path("ExitCode").asInt()).isEqualTo(3);
        assertThat(row(id).path("Status").asString()).endsWith(" (unhealthy)");
        http().delete("/containers/" + id + "?force=1");
    }

    @Test
    void excusesFailuresInTheStartPeriod() throws IOException {
        String id = run(
                "{\"Test\":[\"CMD\",\"exit\",\"3\"],\"Interval\":50000000,\"Retries\":1,\"StartPeriod\":600000000000,"
                        + "\"StartInterval\":20000000}",
                "");
        await(() -> health(id).path("Log").size() == 5);
        assertThat(status(id)).isEqualTo("starting");
        assertThat(health(id).path("FailingStreak").asInt()).isZero();
        http().delete("/containers/" + id + "?force=1");
    }

    @Test
    void killsProbesThatTakeTooLongAndReportsThoseThatDoNotStart() throws IOException {
        String slow =
                run("{\"Test\":[\"CMD\",\"sleep\"],\"Interval\":20000000,\"Timeout\":60000000,\"Retries\":1}", "");
        await(() -> status(slow).equals("unhealthy"));
        JsonNode result = health(slow).path("Log").get(0);
        assertThat(result.path("ExitCode").asInt()).isEqualTo(-1);
        assertThat(result.path("Output").asString()).isEqualTo("Health check exceeded timeout (60ms)");
        http().delete("/containers/" + slow + "?force=1");
        String shell = run("{\"Test\":[\"CMD-SHELL\",\"true\"],\"Interval\":20000000,\"Retries\":1}", "");
        await(() -> status(shell).equals("unhealthy"));
        assertThat(health(shell).path("Log").get(0).path("ExitCode").asInt()).isEqualTo(-1);
        assertThat(health(shell).path("Log").get(0).path("Output").asString())
                .startsWith(
                        "OCI runtime exec failed: exec failed: unable to start container process: exec: \"/bin/sh\"");
        http().delete("/containers/" + shell + "?force=1");
    }

    @Test
    void goesOnAfterTheEngineWasRestarted() throws IOException {
        String id = run("{\"Test\":[\"CMD\",\"exit\",\"0\"],\"Interval\":50000000}", "");
        await(() -> status(id).equals("healthy"));
        engine.stop();
        int probes = engine.kernel().execs.get();
        engine.start();
        assertThat(status(id)).isEqualTo("healthy");
        await(() -> engine.kernel().execs.get() > probes + 1);
        http().delete("/containers/" + id + "?force=1");
    }

    @Test
    void actsOnUnhealthyContainersThatAskForIt() throws IOException {
        String check = "{\"Test\":[\"CMD\",\"exit\",\"1\"],\"Interval\":30000000,\"Retries\":1}";
        String stopped = run(check, ",\"Labels\":{\"io.berth.on-unhealthy\":\"stop\"}");
        String restarted = run(check, ",\"HostConfig\":{\"Annotations\":{\"io.berth.on-unhealthy\":\"restart\"}}");
        String killed = run(
                check,
                ",\"Labels\":{\"io.berth.on-unhealthy\":\"kill\"},\"HostConfig\":{\"RestartPolicy\":{\"Name\":\"always\"}}");
        await(() -> row(stopped).path("State").asString().equals("exited"));
        await(() -> events(restarted).contains("\"Action\":\"restart\""));
        await(() -> http().get("/containers/" + killed + "/json")
                        .json()
                        .path("RestartCount")
                        .asInt()
                >= 1);
        assertThat(row(stopped).path("Status").asString()).startsWith("Exited (130)");
        for (String id : new String[] {stopped, restarted, killed}) {
            http().delete("/containers/" + id + "?force=1");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {"Test":["CMD","a"],"Interval":999}            | Interval in Healthcheck cannot be less than 1ms
        {"Test":["CMD","a"],"Timeout":-1}              | Timeout in Healthcheck cannot be less than 1ms
        {"Test":["CMD","a"],"StartPeriod":5}           | StartPeriod in Healthcheck cannot be less than 1ms
        {"Test":["CMD","a"],"StartInterval":5}         | StartInterval in Healthcheck cannot be less than 1ms
        {"Test":["CMD","a"],"Retries":-1}              | Retries in Healthcheck cannot be negative
        """)
    void refusesWrongValues(String check, String message) throws IOException {
        RawHttp.Answer answer =
                http().post("/containers/create", "{\"Image\":\"busybox\",\"Healthcheck\":" + check + "}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.message()).isEqualTo(message);
    }

    @Test
    void refusesUnknownActions() throws IOException {
        RawHttp.Answer answer = http().post(
                        "/containers/create", "{\"Image\":\"busybox\",\"Labels\":{\"io.berth.on-unhealthy\":\"cry\"}}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.message())
                .isEqualTo("invalid io.berth.on-unhealthy \"cry\": use one of none, kill, stop, restart");
    }
}
