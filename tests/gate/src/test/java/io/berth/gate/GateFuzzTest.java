package io.berth.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.fixture.EngineFixture;
import io.berth.gateway.access.Role;
import io.berth.gateway.fixture.FakeBackend;
import io.berth.gateway.fixture.PrivateGateway;
import io.berth.gateway.fixture.Wire;
import io.berth.gateway.route.Backend;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * Random requests of a developer by TCP, through the whole gateway to a whole engine over a fake kernel: whatever they
 * name, in whatever spelling, what is others' stays as it was, is given to no container, and is told to nobody.
 *
 * <p>{@code -Dfuzz.cases=1000000 -Dfuzz.seed=N} for a long run. What fails says with which {@code -Dfuzz.seed},
 * {@code -Dfuzz.first} and {@code -Dfuzz.cases} the same is asked again, and {@code -Dfuzz.each=true} looks at all that is others'
 * after each case. Only the ids of things are others in each run.
 */
class GateFuzzTest {
    /** Cases that begin with the same things, and depend on no other cases. */
    private static final int BLOCK = 80;

    private static final boolean EACH = Boolean.getBoolean("fuzz.each");

    @TempDir
    static Path directory;

    private static EngineFixture engine;
    private static PrivateGateway gateway;
    private static FakeBackend images;
    private static String bearer;
    private static World world;

    @BeforeAll
    static void start() throws IOException {
        Path engines = Files.createDirectory(directory.resolve("engine"));
        // Each has only its own settings, although both are on one class path.
        engine = new EngineFixture(
                engines, "--spring.config.location=classpath:/application.yaml", "--spring.flyway.target=99?");
        gateway = new PrivateGateway(
                directory,
                "--spring.config.location=classpath:/application.properties",
                "--berth.http.platform-key-file=" + engines.resolve("key"),
                "--berth.gateway.backends.engine=" + engine.socket(),
                "--logging.level.root=warn");
        images = FakeBackend.answering(gateway.socketOf(Backend.IMAGE), GateFuzzTest::image);
        gateway.project(World.MINE);
        gateway.project(World.THEIRS);
        bearer = "Authorization: Bearer " + gateway.token("dev", Role.DEVELOPER, World.MINE) + "\r\n";
        world = new World(engine);
    }

    @AfterAll
    static void stop() {
        images.close();
        gateway.close();
        engine.close();
    }

    /** One of everybody's, and with a tag one of another project's. */
    private static String image(Wire.Message request) {
        String labels = request.start().contains("theirs") ? "{\"io.berth.project\":\"" + World.THEIRS + "\"}" : "{}";
        return FakeBackend.ok("{\"Id\":\"" + EngineFixture.IMAGE_ID + "\",\"RepoTags\":[\"busybox:latest\"],"
                + "\"Config\":{\"Labels\":" + labels + "}}");
    }

    private static Wire.Message ask(Request request) {
        int length = request.body().getBytes(StandardCharsets.UTF_8).length;
        try (Wire wire = gateway.tcp()) {
            wire.send(request.method() + " " + request.target() + " HTTP/1.1\r\nHost: localhost\r\n" + bearer
                    + "Content-Type: application/json\r\nContent-Length: " + length + "\r\n\r\n" + request.body());
            return request.ends()
                    ? wire.readMessage(request.method().equals("HEAD"))
                    : new Wire.Message(wire.readHead(), "");
        }
    }

    @Test
    @Timeout(value = 24, unit = TimeUnit.HOURS)
    void whateverADeveloperAsksNothingOfOthersIsReachedOrTold() throws IOException {
        long seed = Long.getLong("fuzz.seed", 20260101);
        int first = Integer.getInteger("fuzz.first", 0);
        int cases = Integer.getInteger("fuzz.cases", 1_500);
        Map<Integer, Integer> answers = new TreeMap<>();
        for (int block = first; block < first + cases; block += BLOCK) {
            block(seed, block, Math.min(BLOCK, first + cases - block), answers);
        }
        System.out.println("cases by the status of their answers, seed " + seed + ": " + answers);
        if (cases >= 1_000) {
            // What is refused early shows nothing of what comes later: enough must have got through.
            assertThat(answers.getOrDefault(200, 0)).isGreaterThan(cases / 20);
            assertThat(answers.getOrDefault(201, 0)).isGreaterThan(cases / 20);
        }
    }

    private static void block(long seed, int block, int cases, Map<Integer, Integer> answers) throws IOException {
        world.renew();
        RandomRequests requests = new RandomRequests(new Random(seed + block), world);
        StringBuilder kept = new StringBuilder();
        for (int i = 0; i < cases; i++) {
            Request request = requests.next();
            String asked = "-Dfuzz.seed=" + seed + " -Dfuzz.first=" + block + " -Dfuzz.cases=" + (i + 1) + ", case "
                    + (block + i) + ": " + request;
            Wire.Message answer;
            try {
                answer = ask(request);
            } catch (RuntimeException e) {
                throw new AssertionError(asked, e);
            }
            String what = (asked + "\nanswered: " + answer.start() + " " + answer.body()).replace("%", "%%");
            int status = answer.status();
            answers.merge(status, 1, Integer::sum);
            assertThat(status).as(what).isLessThan(500);
            assertThat(request.ends() || status >= 400).as(what).isTrue();
            if (request.method().equals("POST") && status < 400) {
                kept.append(request.said()).append('\n');
            }
            world.isNotTold(answer.head() + answer.body(), request.said() + "\n" + kept, what);
            if (status == 201 && request.target().contains("/containers/create")) {
                world.isOfTheProject(
                        JsonMapper.shared().readTree(answer.body()).path("Id").asString(), what);
            }
            if (EACH) {
                world.isUntouched(what);
            }
        }
        // What was refused must have been refused before anything was done.
        world.isUntouched("seed " + seed + ", cases from " + block);
        world.hasNothingOfNobodys("seed " + seed + ", cases from " + block);
    }
}
