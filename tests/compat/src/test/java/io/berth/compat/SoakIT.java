package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Containers are created, started, entered, stopped and removed, four at a time, and every so often the engine is killed in the
 * middle of it: nothing of them stays in the kernel, on the disk, in the database or in the engine's memory.
 *
 * <p>{@code -Dsoak.cycles=2000} is the full run; by default there is one round with one kill.
 */
@CompatTest
@BerthOnly
@OwnPlatform
class SoakIT {
    private static final int CYCLES = Integer.getInteger("soak.cycles", 200);
    private static final long SEED = Long.getLong("soak.seed", System.nanoTime());
    private static final int ROUND = 200;
    private static final int AT_A_TIME = 4;
    private static final int WARM_UP = 40;
    private static final int CALLS_UNTIL_KILL = 60;
    private static final Duration SETTLE = Duration.ofSeconds(20);

    /** What one round may add to the live heap: of what it writes, the database notes for 45 seconds where it was. */
    private static final long HEAP_SLACK = 2_000_000;

    /** Objects of these packages, but for the last 1,024 events, are of something that goes with its container. */
    private static final String COUNTED =
            "(io\\.berth|org\\.apache|org\\.springframework)\\.(?!engine\\.event\\.EngineEvent$).*";

    /** In the environment of all containers' processes. */
    private static final String MARKER = "BERTH_SOAK=" + UUID.randomUUID();

    private final Random random = new Random(SEED);

    @Test
    void nothingIsLeft() throws Exception {
        try (BerthInstance berth = BerthInstance.start(2377)) {
            Path tar = berth.scratch().resolve("rootfs.tar");
            Target.makeRootFileSystem(tar);
            Target.importImage(berth.docker(), tar);
            RawHttp http = new RawHttp(berth.socket());
            // The default bridge comes with its first container, and stays; with it some namespaces that are made
            // ahead.
            String _ = berth.docker().ok("run", "--rm", Target.IMAGE, "true");
            Eventually.holds(
                    SETTLE,
                    () -> Footprint.of(berth, MARKER).held().contains("link veth #3"),
                    () -> "no namespaces are made ahead");
            Footprint unused = Footprint.of(berth, MARKER).outsideTheEngine();
            for (int done = 0; done < CYCLES; done += ROUND) {
                round(berth, http, Math.min(ROUND, CYCLES - done));
                assertNothingMore(berth, unused);
                killInTheMiddle(berth, http);
                berth.up();
                assertOnlyListed(berth, http);
                for (JsonNode container : listed(http)) {
                    String id = container.get("Id").asString();
                    Cycle.expect(204, http.send("DELETE", "/containers/" + id + "?force=1&v=1", Map.of(), new byte[0]));
                }
                assertNothingMore(berth, unused);
                assertSaysSo(berth, http);
            }
            berth.launcher("down").ok();
            assertThat(rows(berth)).isEqualTo("0");
        }
    }

    /** Cycles in one life of the engine, at the end of which it holds what it held when it was warm. */
    private void round(BerthInstance berth, RawHttp http, int cycles) throws Exception {
        inParallel(WARM_UP, number -> Cycle.run(http, number, MARKER, call -> {}));
        LiveHeap heap = LiveHeap.of(berth.pidOf("engine"));
        Footprint warm = Footprint.of(berth, MARKER);
        AtomicBoolean seen = new AtomicBoolean();
        inParallel(
                cycles,
                number -> Cycle.run(http, number, MARKER, call -> {
                    if (call.equals("exec start") && seen.compareAndSet(false, true)) {
                        assertLooksInTheRightPlaces(berth);
                    }
                }));
        Eventually.holds(
                SETTLE,
                () -> kept(berth, warm, cycles).isEmpty(),
                () -> lines("left after " + cycles + " cycles (seed " + SEED + ")", kept(berth, warm, cycles)));
        LiveHeap after = LiveHeap.of(berth.pidOf("engine"));
        assertThat(after.multiplied(heap, COUNTED, cycles / 2))
                .as("objects kept of each cycle")
                .isEmpty();
        assertThat(after.total())
                .as(() -> "live heap after " + cycles + " cycles; grown most: " + after.grown(heap))
                .isLessThan(heap.total() + HEAP_SLACK);
    }

    /** What is held more than before. Of pools it is nothing unless it is as if every few cycles had kept something. */
    private static Set<String> kept(BerthInstance berth, Footprint warm, int cycles) {
        Set<String> more = Footprint.of(berth, MARKER).minus(warm);
        if (more.stream().filter(Footprint::pooled).count() < cycles / 8) {
            more.removeIf(Footprint::pooled);
        }
        return more;
    }

    /** Else nothing would ever be found. */
    private static void assertLooksInTheRightPlaces(BerthInstance berth) {
        Set<String> held = Footprint.of(berth, MARKER).held();
        for (String kind :
                List.of("cgroup ", "process ", "keeper's descriptor ", "engine's descriptor anon_inode:[pidfd")) {
            assertThat(held.stream().filter(line -> line.startsWith(kind)))
                    .as(kind)
                    .isNotEmpty();
        }
    }

    private static void inParallel(int cycles, IntConsumer cycle) throws Exception {
        AtomicInteger next = new AtomicInteger();
        try (ExecutorService workers = Executors.newFixedThreadPool(AT_A_TIME)) {
            List<Future<?>> results = new ArrayList<>();
            for (int worker = 0; worker < AT_A_TIME; worker++) {
                results.add(workers.submit(() -> {
                    for (int number = next.getAndIncrement(); number < cycles; number = next.getAndIncrement()) {
                        cycle.accept(number);
                    }
                }));
            }
            for (Future<?> result : results) {
                result.get();
            }
        }
    }

    /** Kills the engine after some calls of cycles that go on meanwhile; they fail from then on. */
    private void killInTheMiddle(BerthInstance berth, RawHttp http) throws Exception {
        CountDownLatch calls = new CountDownLatch(1 + random.nextInt(CALLS_UNTIL_KILL));
        try (ExecutorService workers = Executors.newFixedThreadPool(AT_A_TIME)) {
            List<Future<?>> results = new ArrayList<>();
            for (int worker = 0; worker < AT_A_TIME; worker++) {
                int first = worker;
                results.add(workers.submit(() -> {
                    for (int number = first; ; number += AT_A_TIME) {
                        Cycle.run(http, number, MARKER, call -> calls.countDown());
                    }
                }));
            }
            calls.await();
            berth.kill("engine");
            for (Future<?> result : results) {
                try {
                    result.get();
                } catch (ExecutionException e) {
                    assertThat(e.getCause()).isInstanceOfAny(AssertionError.class, java.io.UncheckedIOException.class);
                }
            }
        }
    }

    private static List<JsonNode> listed(RawHttp http) {
        List<JsonNode> containers = new ArrayList<>();
        http.get("/containers/json?all=1").json().forEach(containers::add);
        return containers;
    }

    /** After a restart everything that is held belongs to a container that the engine knows. */
    private static void assertOnlyListed(BerthInstance berth, RawHttp http) {
        Set<String> known = new TreeSet<>();
        listed(http).forEach(container -> known.add(container.get("Id").asString()));
        http.get("/volumes")
                .json()
                .get("Volumes")
                .forEach(volume -> known.add(volume.get("Name").asString()));
        Eventually.holds(
                SETTLE,
                () -> strangers(berth, known).isEmpty(),
                () -> lines("held for no container (seed " + SEED + ")", strangers(berth, known)));
    }

    private static Set<String> strangers(BerthInstance berth, Set<String> known) {
        Set<String> strangers = new TreeSet<>();
        for (String line : Footprint.of(berth, MARKER).outsideTheEngine().held()) {
            boolean ofContainer = line.startsWith("process ")
                    ? line.contains(MARKER)
                    : line.matches(".*[0-9a-f]{64}.*") && !line.contains("/image/");
            if (ofContainer && known.stream().noneMatch(line::contains)) {
                strangers.add(line);
            }
        }
        return strangers;
    }

    /** What the engine tells agrees with what was found without asking it. */
    private static void assertSaysSo(BerthInstance berth, RawHttp http) {
        JsonNode held = http.get("/berth/held").json();
        for (String kind : List.of("Containers", "Processes", "Cgroups", "Mounts", "KeptFiles", "Directories")) {
            assertThat(held.path("Total").path(kind).asInt(-1)).as(kind).isZero();
        }
        assertThat(berth.launcher("held").ok()).endsWith("orphans: none");
    }

    private static void assertNothingMore(BerthInstance berth, Footprint before) {
        Eventually.holds(
                SETTLE,
                () -> Footprint.of(berth, MARKER)
                        .outsideTheEngine()
                        .minus(before)
                        .isEmpty(),
                () -> lines(
                        "left (seed " + SEED + ")",
                        Footprint.of(berth, MARKER).outsideTheEngine().minus(before)));
    }

    private static String lines(String title, Set<String> lines) {
        return title + ":\n  " + String.join("\n  ", lines);
    }

    /** Of everything that belongs to containers, in the database of an engine that does not run. */
    private static String rows(BerthInstance berth) throws Exception {
        Path h2;
        try (var found = Files.find(
                BerthInstance.launcherScript().resolveSibling("engine-service/target/dist"),
                3,
                (path, attributes) -> path.getFileName().toString().matches("h2-.*\\.jar"))) {
            h2 = found.findFirst().orElseThrow();
        }
        String out = Running.run(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-cp",
                                h2.toString(),
                                "org.h2.tools.Shell",
                                "-url",
                                "jdbc:h2:file:" + berth.dataDirectory().resolve("engine/db/engine"),
                                "-sql",
                                "select (select count(*) from container) + (select count(*) from container_spec)"
                                        + " + (select count(*) from volume) as found"),
                        Map.of(),
                        new byte[0],
                        Duration.ofMinutes(1))
                .ok();
        return out.lines().toList().get(1).strip();
    }

    /** One container's life, of one of several kinds. */
    private static final class Cycle {
        private static final List<String> KINDS = List.of(
                "\"Tty\":false",
                "\"Tty\":true",
                "\"Volumes\":{\"/data\":{}}",
                "\"Labels\":{\"berth.userns\":\"auto\"}",
                "\"OpenStdin\":true,\"Healthcheck\":{\"Test\":[\"CMD\",\"true\"],\"Interval\":1000000000}",
                "\"HostConfig\":{\"AutoRemove\":true}",
                "\"HostConfig\":{\"RestartPolicy\":{\"Name\":\"always\"},\"LogConfig\":{\"Type\":\"local\"}}",
                "\"HostConfig\":{\"Init\":true,\"Memory\":67108864,\"Tmpfs\":{\"/scratch\":\"\"}}");

        static void run(RawHttp http, int number, String marker, Consumer<String> afterCall) {
            String id = expect(
                            201,
                            http.post(
                                    "/containers/create",
                                    "{\"Image\":\"" + Target.IMAGE + "\",\"Env\":[\"" + marker + "\"],"
                                            + "\"Cmd\":[\"sh\",\"-c\",\"trap 'exit 0' TERM; echo started; sleep 1000 & wait\"],"
                                            + KINDS.get(number % KINDS.size()) + "}"))
                    .json()
                    .get("Id")
                    .asString();
            afterCall.accept("create");
            expect(204, http.post("/containers/" + id + "/start", ""));
            afterCall.accept("start");
            String exec = expect(
                            201,
                            http.post(
                                    "/containers/" + id + "/exec",
                                    "{\"Cmd\":[\"echo\",\"inside\"],\"AttachStdout\":true}"))
                    .json()
                    .get("Id")
                    .asString();
            afterCall.accept("exec create");
            assertThat(expect(200, http.post("/exec/" + exec + "/start", "{}")).body())
                    .contains("inside");
            afterCall.accept("exec start");
            expect(204, http.post("/containers/" + id + "/stop?t=5", ""));
            afterCall.accept("stop");
            RawHttp.Response removed = http.send("DELETE", "/containers/" + id + "?v=1", Map.of(), new byte[0]);
            // One that is removed after its end may be gone, or be going.
            if (number % KINDS.size() != KINDS.indexOf("\"HostConfig\":{\"AutoRemove\":true}")) {
                expect(204, removed);
            }
            afterCall.accept("remove");
        }

        static RawHttp.Response expect(int status, RawHttp.Response response) {
            assertThat(response.status()).as(response::toString).isEqualTo(status);
            return response;
        }
    }
}
