package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.fixture.EngineFixture;
import io.berth.engine.fixture.RawHttp.Answer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients of Docker ask every engine for, though it has no swarm and no plugins. */
@Timeout(120)
class SwarmAndPluginsApiTest {
    private static final String NO_MANAGER = "This node is not a swarm manager. Use \"docker swarm init\" or \"docker"
            + " swarm join\" to connect this node to swarm and try again.";

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

    private static Answer ask(String method, String path) throws IOException {
        return method.equals("POST")
                ? engine.http().post(path, "{}")
                : engine.http().send(method, path, null);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /swarm",
        "GET, /v1.24/swarm",
        "GET, /swarm/unlockkey",
        "POST, /swarm/update?version=1",
        "POST, /swarm/unlock",
        "GET, /nodes",
        "GET, /nodes/x",
        "DELETE, /nodes/x?force=1",
        "POST, /nodes/x/update?version=1",
        "GET, /services",
        "GET, /services/x?insertDefaults=true",
        "POST, /services/create",
        "POST, /services/x/update?version=1",
        "DELETE, /services/x",
        "GET, /services/x/logs?stdout=1",
        "GET, /tasks",
        "GET, /tasks/x",
        "GET, /tasks/x/logs?stdout=1"
    })
    void thereIsNoManager(String method, String path) throws IOException {
        Answer answer = ask(method, path);
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.message()).isEqualTo(NO_MANAGER);
    }

    @Test
    void nobodyLeavesOrEntersASwarm() throws IOException {
        Answer left = ask("POST", "/swarm/leave?force=1");
        assertThat(left.status()).isEqualTo(503);
        assertThat(left.message()).isEqualTo("This node is not part of a swarm");
        for (String path : new String[] {"/swarm/init", "/swarm/join"}) {
            Answer refused = ask("POST", path);
            assertThat(refused.status()).as(path).isEqualTo(501);
            assertThat(refused.message()).isEqualTo("swarm mode is not supported by this engine");
        }
    }

    @Test
    void thereAreNoPlugins() throws IOException {
        assertThat(ask("GET", "/v1.44/plugins").text().strip()).isEqualTo("[]");
        assertThat(ask("GET", "/plugins?filters=%7B%22enabled%22:%7B%22true%22:true%7D%7D")
                        .text()
                        .strip())
                .isEqualTo("[]");
        assertThat(ask("GET", "/plugins?filters=%7B%22enabled%22:%5B%22x%22%5D%7D")
                        .message())
                .isEqualTo("invalid filter 'enabled=[x]'");
        assertThat(ask("GET", "/plugins?filters=%7B%22x%22:%5B%22x%22%5D%7D").status())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /plugins/no/such/json, no/such",
        "GET, /plugins/nosuch:latest/json, nosuch:latest",
        "DELETE, /plugins/nosuch, nosuch",
        "DELETE, /plugins/a/b?force=1, a/b",
        "POST, /plugins/nosuch/enable?timeout=0, nosuch",
        "POST, /plugins/a/nosuch/disable, a/nosuch",
        "POST, /plugins/nosuch/push, nosuch",
        "POST, /plugins/nosuch/upgrade?remote=x, nosuch",
        "POST, /plugins/nosuch/set, nosuch"
    })
    void aPluginIsNotFound(String method, String path, String name) throws IOException {
        Answer answer = ask(method, path);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.message()).isEqualTo("plugin \"" + name + "\" not found");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /plugins/privileges?remote=x, 501, plugins are not supported by this engine",
        "POST, /plugins/pull?remote=x, 501, plugins are not supported by this engine",
        "POST, /plugins/create?name=x, 501, plugins are not supported by this engine",
        "GET, /plugins/x/nothing, 404, page not found",
        "POST, /plugins/enable, 404, page not found",
        "POST, /plugins/x, 404, page not found"
    })
    void noneIsInstalled(String method, String path, int status, String message) throws IOException {
        Answer answer = ask(method, path);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.message()).isEqualTo(message);
    }
}
