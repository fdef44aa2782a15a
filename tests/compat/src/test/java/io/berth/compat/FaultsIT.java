package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Services that are restarted, hang, crawl or die, one after the other, under a light load: the others' callers notice nothing. */
@CompatTest
@BerthOnly
@OwnPlatform
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FaultsIT {

    /** A timing of a few milliseconds on a busy machine says little: only what a stuck route would add counts. */
    private static final Duration NOISE = Duration.ofMillis(700);

    private static final Map<String, String> IMPATIENT = Map.of("BERTH_GATEWAY_TIMEOUTS_RESTART", "0s");

    private final Map<String, String> routes = new LinkedHashMap<>();
    private BerthInstance berth;
    private RawHttp http;
    private Map<String, RouteLoad.Seen> usual = Map.of();
    private boolean impatient;

    @BeforeAll
    void start() {
        berth = GatewayPlatform.running().berth();
        http = GatewayPlatform.running().http();
        routes.put("engine", "/networks");
        routes.put("image", "/images/json");
        routes.put("registry", pushBlob());
    }

    @AfterAll
    void patientAgain() {
        if (impatient) {
            berth.restart(Map.of(), "gateway");
        }
    }

    /** The path of a blob of the registry, to be pulled. */
    private String pushBlob() {
        byte[] content = "pulled again and again ".repeat(10_000).getBytes(StandardCharsets.UTF_8);
        String digest;
        try {
            digest = "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
        RawHttp.Response pushed = http.send(
                "POST",
                "/v2/compat/faults/blobs/uploads/?digest=" + digest,
                Map.of("Content-Type", "application/octet-stream"),
                content);
        assertThat(pushed.status()).as(pushed.body()).isEqualTo(201);
        return "/v2/compat/faults/blobs/" + digest;
    }

    @Test
    @Order(1)
    void aRollingRestartLosesNoRequest() {
        Map<String, String> asked = new LinkedHashMap<>(routes);
        asked.put("containers", "/containers/json");
        asked.put("ping", "/_ping");
        asked.put("info", "/info");
        asked.put("version", "/version");
        try (RouteLoad load = RouteLoad.on(berth.socket(), asked)) {
            berth.restart(Map.of(), "registry", "image", "engine");
            load.sinceThen().forEach((route, seen) -> {
                assertThat(seen.failures()).as(route).isEmpty();
                assertThat(seen.nanos()).as(route).isNotEmpty();
            });
        }
        assertThat(guard("engine").path("retries").asLong()
                        + guard("registry").path("requests").asLong())
                .isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"registry", "image", "engine"})
    @Order(2)
    void aHungServiceHoldsUpNobodyElse(String service) {
        try (RouteLoad load = RouteLoad.on(berth.socket(), routes)) {
            Map<String, RouteLoad.Seen> before = usual(load);
            berth.signal(service, "STOP");
            try {
                Map<String, RouteLoad.Seen> hung = load.during(GatewayPlatform.LIMIT.plusSeconds(1));
                assertOthersAreAsFast(service, before, hung);
                assertThat(hung.get(service).failures())
                        .isNotEmpty()
                        .allSatisfy(
                                failure -> assertThat(failure).startsWith("503").contains("is unavailable"));
                awaitBreaker(service, "OPEN");
                RawHttp.Response refused = http.get(routes.get(service));
                assertRefused(service, refused);
                assertVersionWithout(service);
                // Once probes may go the breaker is half open, and they fail as well.
                awaitBreaker(service, "HALF_OPEN");
                JsonNode health = http.get("/api/platform").json().path("health");
                assertThat(health.path("status").asString()).isEqualTo("DOWN");
                assertThat(health.path("services").path(service).path("cause").asString())
                        .isEqualTo("no answer within 1000 ms");
            } finally {
                berth.signal(service, "CONT");
            }
            awaitBreaker(service, "CLOSED");
            Eventually.holds(
                    Duration.ofSeconds(20),
                    () -> http.get(routes.get(service)).status() == 200,
                    () -> service + " does not recover");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"registry", "image", "engine"})
    @Order(3)
    void aSlowServiceSlowsNobodyElse(String service) {
        try (RouteLoad load = RouteLoad.on(berth.socket(), routes)) {
            Map<String, RouteLoad.Seen> before = usual(load);
            Thread slowing = Thread.ofPlatform().start(() -> crawl(service, Duration.ofSeconds(2)));
            Map<String, RouteLoad.Seen> slowed = load.during(Duration.ofSeconds(2));
            join(slowing);
            assertOthersAreAsFast(service, before, slowed);
            assertThat(slowed.get(service).failures()).isEmpty();
            assertThat(slowed.get(service).p99()).isGreaterThan(Duration.ofMillis(200));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"registry", "image", "engine"})
    @Order(4)
    void aDeadServiceIsToldAtOnceAndComesBack(String service) {
        if (!impatient) {
            berth.restart(IMPATIENT, "gateway");
            impatient = true;
        }
        try (RouteLoad load = RouteLoad.on(berth.socket(), routes)) {
            Map<String, RouteLoad.Seen> before = usual(load);
            berth.kill(service);
            Map<String, RouteLoad.Seen> dead = load.during(Duration.ofSeconds(2));
            assertOthersAreAsFast(service, before, dead);
            awaitBreaker(service, "OPEN");
            assertRefused(service, http.get(routes.get(service)));
            assertVersionWithout(service);
            JsonNode platform = http.get("/api/platform").json();
            assertThat(platform.path("health")
                            .path("services")
                            .path(service)
                            .path("cause")
                            .asString())
                    .isIn("nothing listens on its socket", "its socket does not exist");
            assertThat(platform.path("backends")
                            .path(service)
                            .path("unreachableMillis")
                            .asLong())
                    .isPositive();
            berth.up();
            awaitBreaker(service, "CLOSED");
            assertThat(http.get(routes.get(service)).status()).isEqualTo(200);
        }
    }

    /** What the routes are like when all is well; measured once. */
    private Map<String, RouteLoad.Seen> usual(RouteLoad load) {
        if (usual.isEmpty()) {
            usual = load.during(Duration.ofSeconds(2));
        }
        return usual;
    }

    /** Of the other services' routes: at most a fifth slower, but for the machine's own noise; and no failure. */
    private static void assertOthersAreAsFast(
            String service, Map<String, RouteLoad.Seen> before, Map<String, RouteLoad.Seen> now) {
        now.forEach((route, seen) -> {
            if (!route.equals(service)) {
                assertThat(seen.failures())
                        .as("%s while %s fails", route, service)
                        .isEmpty();
                Duration usual = before.get(route).p99();
                assertThat(seen.p99())
                        .as("%s while %s fails; before: %s; now: %s", route, service, before.get(route), seen)
                        .isLessThan(usual.plus(usual.dividedBy(5)).plus(NOISE));
            }
        });
    }

    private static void assertRefused(String service, RawHttp.Response refused) {
        assertThat(refused.status()).isEqualTo(503);
        assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 10);
        if (service.equals("registry")) {
            assertThat(refused.registryCode()).isEqualTo("UNAVAILABLE");
        } else {
            assertThat(refused.message()).contains("is unavailable");
        }
    }

    /** What there is, is told at once, and clients find the API's versions as always. */
    private void assertVersionWithout(String service) {
        long asked = System.nanoTime();
        JsonNode version = http.get("/version").json();
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(3));
        assertThat(version.path("ApiVersion").asString()).matches("1\\.\\d+");
        Map<String, String> names = new LinkedHashMap<>(
                Map.of("engine", "Engine", "image", "image-service", "registry", "registry", "gateway", "gateway"));
        names.remove(service);
        assertThat(version.path("Components")
                        .valueStream()
                        .map(component -> component.path("Name").asString()))
                .containsExactlyInAnyOrderElementsOf(names.values());
    }

    private JsonNode guard(String backend) {
        return http.get("/api/platform").json().path("backends").path(backend);
    }

    private void awaitBreaker(String backend, String state) {
        Eventually.holds(
                Duration.ofSeconds(30),
                () -> guard(backend).path("breaker").asString().equals(state),
                () -> "the breaker is " + guard(backend));
    }

    /** Lets a service work a fifth of the time. */
    private void crawl(String service, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            berth.signal(service, "STOP");
            pause(400);
            berth.signal(service, "CONT");
            pause(100);
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
