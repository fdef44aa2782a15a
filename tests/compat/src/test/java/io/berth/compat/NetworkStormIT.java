package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Many containers that come and go on one network, four at a time: no two have the same address at once, each is found by its
 * name while it runs and not afterwards, and nothing is left of them.
 */
@CompatTest
@BerthOnly
@OwnPlatform
class NetworkStormIT {
    /** More than the network has addresses, so that they are given out again. */
    private static final int CONTAINERS = Integer.getInteger("storm.containers", 140);

    private static final int AT_A_TIME = 4;
    private static final int WARM_UP = 24;
    private static final Duration SETTLE = Duration.ofSeconds(20);
    private static final String NETWORK = "storm";
    private static final String ANCHOR = "anchor";
    private static final String MARKER = "BERTH_STORM=" + UUID.randomUUID();

    /** Who has an address now. */
    private final ConcurrentMap<String, String> owners = new ConcurrentHashMap<>();

    @Test
    void addressesAreUniqueAndNamesRight() throws Exception {
        try (BerthInstance berth = BerthInstance.start(2378)) {
            DockerCli docker = berth.docker();
            Target.makeRootFileSystem(berth.scratch().resolve("rootfs.tar"));
            Target.importImage(docker, berth.scratch().resolve("rootfs.tar"));
            RawHttp http = new RawHttp(berth.socket());
            docker.ok("network", "create", "--subnet", "10.66.0.0/25", NETWORK);
            docker.ok(
                    "run",
                    "--rm",
                    "--network",
                    "none",
                    Target.IMAGE,
                    "true"); // the keeper comes with the first container
            Footprint unused = Footprint.of(berth, MARKER).outsideTheEngine();
            docker.ok("run", "-d", "--name", ANCHOR, "--network", NETWORK, Target.IMAGE, "sleep", "100000");
            String anchor = address(http, ANCHOR);
            inParallel(WARM_UP, number -> cycle(docker, http, number));
            Footprint warm = Footprint.of(berth, MARKER);
            try (Lookups lookups = new Lookups(docker, anchor)) {
                inParallel(CONTAINERS, number -> cycle(docker, http, number));
                lookups.assertRight();
            }
            Eventually.holds(
                    SETTLE,
                    () -> Footprint.of(berth, MARKER).minus(warm).stream().allMatch(Footprint::pooled),
                    () -> "left: " + Footprint.of(berth, MARKER).minus(warm));
            docker.ok("rm", "-f", ANCHOR);
            docker.ok("network", "rm", NETWORK);
            Eventually.holds(SETTLE, () -> left(berth, unused).isEmpty(), () -> "left: " + left(berth, unused));
        }
    }

    /** The default bridge is not there, and its pool of namespaces neither: nobody has used it. */
    private static Set<String> left(BerthInstance berth, Footprint unused) {
        return Footprint.of(berth, MARKER).outsideTheEngine().minus(unused);
    }

    private void cycle(DockerCli docker, RawHttp http, int number) {
        String name = "storm-" + number;
        expect(
                201,
                http.send(
                        "POST",
                        "/containers/create?name=" + name,
                        Map.of("Content-Type", "application/json"),
                        ("{\"Image\":\"" + Target.IMAGE + "\",\"Cmd\":[\"sleep\",\"1000\"],\"Env\":[\"" + MARKER
                                        + "\"],\"HostConfig\":{\"NetworkMode\":\"" + NETWORK + "\"}}")
                                .getBytes(StandardCharsets.UTF_8)));
        expect(204, http.send("POST", "/containers/" + name + "/start", Map.of(), new byte[0]));
        String address = address(http, name);
        String other = owners.putIfAbsent(address, name);
        assertThat(other).as("who has the address " + address + " of " + name).isNull();
        assertThat(docker.ok("exec", ANCHOR, "nslookup", name, "127.0.0.11")).contains("Address: " + address + "\n");
        owners.remove(address, name);
        expect(204, http.send("DELETE", "/containers/" + name + "?force=1", Map.of(), new byte[0]));
        if (number % 10 == 0) {
            // Not by the exit code, which tells how resolvers outside have failed.
            assertThat(docker.run("exec", ANCHOR, "nslookup", name, "127.0.0.11")
                            .out())
                    .as(name + " is gone")
                    .doesNotContain("Address: " + address + "\n");
        }
    }

    private static void expect(int status, RawHttp.Response response) {
        if (response.status() != status) {
            throw new AssertionError("expected " + status + ", got " + response.status() + " " + response.body());
        }
    }

    private static String address(RawHttp http, String name) {
        return http.get("/containers/" + name + "/json")
                .json()
                .path("NetworkSettings")
                .path("Networks")
                .path(NETWORK)
                .path("IPAddress")
                .asString();
    }

    /** Looks up a name that never changes, all the time. */
    private static final class Lookups implements AutoCloseable {
        private final AtomicBoolean ended = new AtomicBoolean();
        private final AtomicInteger right = new AtomicInteger();
        private final List<String> wrong = new ArrayList<>();
        private final Thread thread;

        Lookups(DockerCli docker, String address) {
            this.thread = Thread.ofPlatform().start(() -> {
                while (!ended.get()) {
                    Outcome answer = docker.run("exec", ANCHOR, "nslookup", ANCHOR, "127.0.0.11");
                    if (answer.out().contains("Address: " + address + "\n")) {
                        right.incrementAndGet();
                    } else {
                        wrong.add(answer.toString());
                    }
                }
            });
        }

        void assertRight() throws InterruptedException {
            ended.set(true);
            thread.join();
            assertThat(wrong).isEmpty();
            assertThat(right.get()).isPositive();
        }

        @Override
        public void close() {
            ended.set(true);
        }
    }

    private interface Cycle {
        void run(int number);
    }

    private static void inParallel(int cycles, Cycle cycle) throws Exception {
        AtomicInteger next = new AtomicInteger();
        try (ExecutorService workers = Executors.newFixedThreadPool(AT_A_TIME)) {
            List<Future<?>> results = new ArrayList<>();
            for (int worker = 0; worker < AT_A_TIME; worker++) {
                results.add(workers.submit(() -> {
                    for (int number = next.getAndIncrement(); number < cycles; number = next.getAndIncrement()) {
                        cycle.run(number);
                    }
                }));
            }
            for (Future<?> result : results) {
                result.get();
            }
        }
    }
}
