package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.fixture.EngineFixture;
import io.berth.engine.fixture.RawHttp;
import io.berth.engine.fixture.RawHttp.Answer;
import io.berth.engine.runtime.Isolation.IdRange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** User namespaces as the API gives them out. */
class UserRangesApiTest {
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

    private static Answer create(String more) throws IOException {
        return http().post("/v1.55/containers/create", "{\"Image\":\"busybox\",\"Cmd\":[\"echo\",\"x\"]" + more + "}");
    }

    private static @Nullable IdRange usersOf(String id) throws IOException {
        assertThat(http().post("/containers/" + id + "/start").status()).isEqualTo(204);
        return engine.kernel().lastLaunch.isolation().users();
    }

    private static IdRange ownOf(String id) throws IOException {
        return Objects.requireNonNull(usersOf(id));
    }

    private static String id(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return answer.json().path("Id").asString();
    }

    @Test
    void givesEachContainerARangeOfItsOwnAndKeepsIt() throws IOException {
        Set<Long> starts = new HashSet<>();
        String first = id(create(",\"HostConfig\":{\"UsernsMode\":\"auto\"}"));
        IdRange range = ownOf(first);
        assertThat(range.size()).isEqualTo(65_536);
        assertThat(range.hostStart()).isGreaterThanOrEqualTo(1_879_048_192L).isLessThan(1L << 31);
        starts.add(range.hostStart());
        starts.add(ownOf(id(create(",\"HostConfig\":{\"Annotations\":{\"berth.userns\":\"auto\"}}")))
                .hostStart());
        starts.add(ownOf(id(create(",\"Labels\":{\"berth.userns\":\"auto\"}"))).hostStart());
        engine.stop();
        engine.start();
        starts.add(
                ownOf(id(create(",\"HostConfig\":{\"UsernsMode\":\"auto\"}"))).hostStart());
        assertThat(starts).hasSize(4);
        assertThat(http().get("/containers/" + first + "/json")
                        .json()
                        .path("HostConfig")
                        .path("UsernsMode")
                        .asString())
                .isEqualTo("auto");
    }

    @Test
    void usesTheHostsIdsOtherwise() throws IOException {
        assertThat(usersOf(id(create("")))).isNull();
        assertThat(usersOf(
                        id(create(",\"Labels\":{\"berth.userns\":\"auto\"},\"HostConfig\":{\"UsernsMode\":\"host\"}"))))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "\"UsernsMode\":\"private\"|invalid userns mode: private",
                "\"UsernsMode\":\"auto\",\"Privileged\":true|privileged mode is incompatible with user namespaces",
                "\"UsernsMode\":\"auto\",\"NetworkMode\":\"host\"|network",
                "\"UsernsMode\":\"auto\",\"PidMode\":\"host\"|PID"
            })
    void refusesWhatDoesNotGoTogether(String hostConfig, String message) throws IOException {
        Answer answer = create(",\"HostConfig\":{" + hostConfig + "}");
        assertThat(answer.status()).isIn(400, 501);
        assertThat(answer.text()).contains(message);
    }
}
