package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import tools.jackson.databind.JsonNode;

/** Services that end are started again, and so is what starts them: by the next command, which finds them as they are. */
@CompatTest
@BerthOnly
@OwnPlatform
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SupervisionIT {
    /** {@code -Dsupervision.kills=100} for a long run. */
    private static final int KILLS = Integer.getInteger("supervision.kills", 4);

    private static final List<String> SERVICES = List.of("engine", "gateway", "registry", "image");
    private static final Duration STARTED_AGAIN = Duration.ofSeconds(5);
    /** A JVM on a busy machine. */
    private static final Duration ANSWERS = Duration.ofSeconds(90);

    private final Target target;
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private BerthInstance berth;
    private RawHttp http;

    SupervisionIT(Target target) {
        this.target = target;
    }

    @BeforeAll
    void start() {
        berth = BerthInstance.start(
                2377, Map.of("BERTH_REGISTRY_ACCESS", "open", "BERTH_GATEWAY_TIMEOUTS_RESTART", "90s"));
        http = new RawHttp(berth.socket());
        Target.importImage(berth.docker(), target.rootFileSystem());
    }

    @AfterAll
    void stop() {
        if (berth != null) {
            berth.close();
        }
    }

    @Test
    @Order(1)
    void whatDiesUnderLoadIsStartedAgainAndNothingAcknowledgedIsLost() throws InterruptedException {
        String survivor = berth.docker().ok("run", "-d", Target.IMAGE, "sleep", "10000");
        String pid = berth.docker().ok("inspect", "-f", "{{.State.Pid}}", survivor);
        Made made = new Made(http);
        Thread load = Thread.ofPlatform().daemon().start(made::untilInterrupted);
        long slowestStart = 0;
        long slowestAnswer = 0;
        for (int i = 0; i < KILLS; i++) {
            String service = SERVICES.get(i % SERVICES.size());
            int until = made.all.size() + 1 + random.nextInt(20);
            Eventually.holds(ANSWERS, () -> made.all.size() >= until, () -> "nothing is made; seed " + seed);
            long before = berth.pidOf(service);
            long killed = System.nanoTime();
            berth.crash(service);
            Eventually.holds(
                    STARTED_AGAIN,
                    () -> berth.pidOf(service) != before && BerthInstance.isAlive(berth.pidOf(service)),
                    () -> service + " is not started again; seed " + seed);
            slowestStart = Math.max(slowestStart, System.nanoTime() - killed);
            Eventually.holds(ANSWERS, this::healthy, () -> service + " does not answer; seed " + seed);
            slowestAnswer = Math.max(slowestAnswer, System.nanoTime() - killed);
        }
        load.interrupt();
        load.join();
        Set<String> lost = new TreeSet<>(made.all);
        lost.removeAll(found(made.all));
        assertThat(lost)
                .as("acknowledged, of %d; seed %d", made.all.size(), seed)
                .isEmpty();
        assertThat(berth.docker().ok("inspect", "-f", "{{.State.Running}} {{.State.Pid}}", survivor))
                .isEqualTo("true " + pid);
        assertThat(berth.launcher("status").ok()).contains("supervisor", "healthy");
        System.out.printf(
                "%d kills, %d acknowledged, none lost; started after %d ms at most, all healthy after %d ms%n",
                KILLS, made.all.size(), slowestStart / 1_000_000, slowestAnswer / 1_000_000);
    }

    @Test
    @Order(2)
    void theNextCommandTakesOverWhenTheSupervisorHasDied() {
        List<Long> before = SERVICES.stream().map(berth::pidOf).toList();
        berth.crash("supervisor");
        Outcome alone = berth.launcher("status");
        assertThat(alone.exited(3).out()).contains("nobody watches over the services");

        berth.up();

        assertThat(SERVICES.stream().map(berth::pidOf).toList()).isEqualTo(before);
        long registry = berth.pidOf("registry");
        berth.crash("registry");
        Eventually.holds(
                STARTED_AGAIN,
                () -> berth.pidOf("registry") != registry && BerthInstance.isAlive(berth.pidOf("registry")),
                () -> "not started again");
        Eventually.holds(ANSWERS, this::healthy, () -> "not healthy");
    }

    /** Neither containers nor what keeps their files. */
    @Test
    @Order(3)
    void nothingIsLeftAfterDownThoughTheEngineHadDied() {
        String id = berth.docker().ok("run", "-d", Target.IMAGE, "sleep", "10000");
        long container = Long.parseLong(berth.docker().ok("inspect", "-f", "{{.State.Pid}}", id));
        long supervisor = berth.pidOf("supervisor");
        berth.kill("engine");
        assertThat(BerthInstance.isAlive(container)).isTrue();

        berth.launcher("down").ok();

        assertThat(BerthInstance.isAlive(container)).as("the container").isFalse();
        assertThat(BerthInstance.isAlive(supervisor)).isFalse();
        assertThat(berth.dataDirectory().resolve("engine/keeper")).doesNotExist();
        Eventually.holds(Duration.ofSeconds(5), () -> ours().isEmpty(), () -> "left: " + ours());
    }

    /** Command lines that name the platform's directories. */
    private List<String> ours() {
        Path scratch = berth.scratch();
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(line -> line.contains(scratch.toString()))
                .toList();
    }

    private boolean healthy() {
        try {
            return http.get("/health").json().path("status").asString("").equals("UP");
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    /** What of it is there. */
    private Set<String> found(Set<String> made) {
        Set<String> found = new TreeSet<>();
        for (JsonNode container : http.get("/containers/json?all=1").json()) {
            found.add("container " + container.path("Names").path(0).asString().substring(1));
        }
        for (JsonNode image : http.get("/images/json").json()) {
            image.path("RepoTags").forEach(tag -> found.add("tag " + tag.asString()));
        }
        http.get("/api/tokens")
                .json()
                .path("tokens")
                .forEach(token -> found.add("token " + token.path("name").asString()));
        for (String blob : made) {
            if (blob.startsWith("blob ")
                    && http.send("HEAD", "/v2/compat/supervision/blobs/" + blob.substring(5), Map.of(), new byte[0])
                                    .status()
                            == 200) {
                found.add(blob);
            }
        }
        return found;
    }

    /** Makes one of each kind, again and again, and notes what was acknowledged. */
    private static final class Made {
        private final Set<String> all = new ConcurrentSkipListSet<>();
        private final RawHttp http;

        Made(RawHttp http) {
            this.http = http;
        }

        void untilInterrupted() {
            for (int number = 0; !Thread.currentThread().isInterrupted(); number++) {
                String name = "made-" + number;
                note(
                        "container " + name,
                        "/containers/create?name=" + name,
                        "{\"Image\":\"" + Target.IMAGE + "\",\"Cmd\":[\"true\"]}");
                note("tag made:" + number, "/images/" + Target.IMAGE + "/tag?repo=made&tag=" + number, "");
                note("token " + name, "/api/tokens", "{\"name\":\"" + name + "\",\"role\":\"operator\"}");
                note("blob " + digest(name), "/v2/compat/supervision/blobs/uploads/?digest=" + digest(name), name);
            }
        }

        private void note(String what, String path, String body) {
            Map<String, String> type =
                    Map.of("Content-Type", body.startsWith("{") ? "application/json" : "application/octet-stream");
            try {
                if (http.send("POST", path, type, body.getBytes(StandardCharsets.UTF_8))
                                        .status()
                                / 100
                        == 2) {
                    all.add(what);
                }
            } catch (RuntimeException e) {
                // No answer, or half of one: not acknowledged. The gateway itself is killed, too.
                Thread.onSpinWait();
            }
        }

        private static String digest(String content) {
            try {
                return "sha256:"
                        + HexFormat.of()
                                .formatHex(MessageDigest.getInstance("SHA-256")
                                        .digest(content.getBytes(StandardCharsets.UTF_8)));
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError(e);
            }
        }
    }
}
