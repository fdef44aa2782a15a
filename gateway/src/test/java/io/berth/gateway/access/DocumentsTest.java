package io.berth.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.gateway.fixture.LeakWatch;
import io.berth.gateway.fixture.Owned;
import io.berth.gateway.fixture.PrivateGateway;
import io.berth.gateway.fixture.Wire;
import io.berth.json.Room;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bodies that are made to take the gateway's memory: refused before they are trees, and the gateway goes on. */
@ExtendWith(LeakWatch.class)
@Timeout(300)
class DocumentsTest {
    private static final String USUAL = "{\"Image\":\"app\"}";

    @TempDir
    static Path directory;

    private static PrivateGateway gateway;
    private static Owned services;
    private static String bearer;

    @BeforeAll
    static void start() {
        gateway = new PrivateGateway(directory);
        gateway.project("shop");
        gateway.project("other");
        bearer = "Authorization: Bearer " + gateway.token("alice", Role.DEVELOPER, "shop") + "\n";
        services = new Owned(gateway);
    }

    @AfterAll
    static void stop() {
        services.close();
        gateway.close();
    }

    @BeforeEach
    void forget() {
        services.forget();
    }

    record Attack(String what, String body, String message) {
        @Override
        public String toString() {
            return what;
        }
    }

    static List<Attack> attacks() {
        String names =
                IntStream.range(0, 300_000).mapToObj(i -> "\"" + i + "\":0").collect(Collectors.joining(","));
        return List.of(
                new Attack("empty objects", "{\"a\":[" + "{},".repeat(1_390_000) + "{}]}", "token count"),
                new Attack("empty objects for a field", "{\"Env\":[" + "{},".repeat(1_390_000) + "{}]}", "token count"),
                new Attack("names", "{\"Labels\":{" + names + "}}", "token count"),
                new Attack("depth", "{\"a\":" + "[".repeat(2_000_000), "nesting depth"),
                new Attack("a number", "{\"Memory\":" + "9".repeat(1_000_000) + "}", "length"),
                new Attack("a name", "{\"" + "n".repeat(1_000_000) + "\":0}", "name"),
                new Attack("a text of escapes", "{\"a\":\"" + "\\u0000".repeat(600_000) + "\"", "malformed"),
                new Attack("a text", "{\"a\":\"" + "t".repeat(3_000_000) + "\"}", "string"),
                new Attack("a name twice", "{\"a\":0,\"a\":0}", "comes twice"));
    }

    private static Wire.Message create(String body) {
        return gateway.ask("POST /containers/create", bearer, body);
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void isRefusedInPlainWordsAndReachesNothing(Attack attack) {
        Wire.Message answer = create(attack.body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body())
                .contains("{\"message\":\"invalid JSON: ")
                .containsIgnoringCase(attack.message)
                .doesNotContain("Stream", "jackson", "Exception");
        assertThat(services.requests()).isEmpty();
        assertThat(create(USUAL).status()).isEqualTo(200);
    }

    @Test
    void aBodyThatIsTooLargeIsRefusedByItsSize() {
        Wire.Message answer = create("{\"a\":\"" + "t".repeat(4 << 20) + "\"}");
        assertThat(answer.status()).isEqualTo(413);
    }

    @Test
    void manyAtOnceWaitForEachOther() {
        String large = "{\"Image\":\"app\",\"Env\":[\"A=" + "t".repeat(1_000_000) + "\"]}";
        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            answers.add(CompletableFuture.supplyAsync(() -> create(large).status()));
        }
        assertThat(answers.stream().map(CompletableFuture::join)).allMatch(status -> status == 200);
    }

    @Test
    void whatFindsNoRoomWaitsAndIsThenRefusedAndSmallOnesComeAgain() {
        long all = Runtime.getRuntime().maxMemory();
        assertThat(Room.judged().tryTake(all)).isTrue();
        CompletableFuture<Wire.Message> waits = CompletableFuture.supplyAsync(() -> create(USUAL));
        try {
            Wire.Message refused = create(USUAL);
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.body()).contains("too many large requests");
            assertThat(waits.join().status()).isEqualTo(503);
            assertThat(services.requests()).isEmpty();
        } finally {
            Room.judged().giveBack(all);
        }
        assertThat(create(USUAL).status()).isEqualTo(200);
    }
}
