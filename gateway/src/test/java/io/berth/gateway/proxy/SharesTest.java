package io.berth.gateway.proxy;

import static io.berth.gateway.fixture.FakeBackend.ok;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.gateway.access.Call;
import io.berth.gateway.access.Gate;
import io.berth.gateway.access.Identity;
import io.berth.gateway.access.Role;
import io.berth.gateway.access.Ruling;
import io.berth.gateway.fixture.FakeBackend;
import io.berth.gateway.fixture.Gateway;
import io.berth.gateway.fixture.LeakWatch;
import io.berth.gateway.fixture.Wire;
import io.berth.gateway.resilience.GuardSettings;
import io.berth.gateway.resilience.RateLimits;
import io.berth.gateway.resilience.Share;
import io.berth.gateway.resilience.ShareSettings;
import io.berth.gateway.route.Backend;
import io.berth.gateway.transport.Transport;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What one caller holds open is in nobody else's way, and never in an operator's. */
@ExtendWith(LeakWatch.class)
@Timeout(60)
class SharesTest {
    /** Of which each caller may have a quarter, and operators have a quarter for themselves. */
    private static final int PLACES = 16;

    private static final int SHARE = 4;

    @TempDir
    Path directory;

    private Gateway gateway;
    private final List<Wire> held = new ArrayList<>();

    @BeforeEach
    void start() {
        Share share = new Share(25, 25);
        gateway = new Gateway(
                directory,
                Transport.open(1),
                Duration.ofSeconds(30),
                new GuardSettings(100, 100, 100, Duration.ofSeconds(1), 3, PLACES, share, Duration.ZERO),
                RateLimits.none(),
                null,
                Gateway.LIMITS,
                new ShareSettings(share, PLACES, PLACES, 4 * PLACES),
                Wanted.GATE);
    }

    @AfterEach
    void stop() {
        held.forEach(Wire::close);
        gateway.close();
    }

    /** Who says who they are: {@code Authorization: developer alice}. */
    private static final class Wanted {
        static final Gate GATE = Wanted::judge;

        private static Ruling judge(Call call) {
            Identity caller = identity(call);
            Ruling pass = new Ruling.Pass(caller, false, call.target(), null, null);
            return caller == null
                    ? pass
                    : new Ruling.Known(
                            caller, call.target().last().equals("create") ? new Ruling.Read(1000, _ -> pass) : pass);
        }

        private static @Nullable Identity identity(Call call) {
            if (!call.arrival().tcp()) {
                return Identity.SOCKET;
            }
            if (call.authorization() == null) {
                return null;
            }
            String[] words = call.authorization().split(" ");
            return new Identity(words[1], Role.of(words[0]), List.of(words[1]), Identity.Source.TOKEN, 1);
        }
    }

    private Wire send(String who, String request) {
        Wire wire = gateway.tcp();
        held.add(wire);
        return again(wire, who, request);
    }

    private static Wire again(Wire wire, String who, String request) {
        String[] parts = request.split("\n", 2);
        return wire.sendLines(parts[0] + " HTTP/1.1\nHost: localhost\n"
                + (who.isEmpty() ? "" : "Authorization: " + who + "\n") + (parts.length < 2 ? "\n" : parts[1]));
    }

    private static void eventually(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; !condition.getAsBoolean(); i++) {
            assertThat(i).as("waited too long").isLessThan(2000);
            Thread.sleep(5);
        }
    }

    private int waiting(Backend backend) {
        return gateway.guards().of(backend).state().waiting();
    }

    private double meter(String name, String kind, String tag, String value) {
        return gateway.meters().get(name).tags("kind", kind, tag, value).meters().stream()
                .mapToDouble(meter -> meter.measure().iterator().next().getValue())
                .sum();
    }

    private static void refused(Wire wire, int status) {
        Wire.Message answer = wire.readMessage();
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.header("Retry-After")).isEqualTo("1");
        assertThat(answer.body()).startsWith("{\"message\":\"").contains("too many");
    }

    /** Takes requests and never answers, but for what asks to be. */
    private FakeBackend silent(Backend backend) {
        return new FakeBackend(
                gateway.socketOf(backend),
                wire -> FakeBackend.serve(wire, request -> {
                    if (request.start().contains("quick")) {
                        return ok("here");
                    }
                    try {
                        Thread.sleep(Duration.ofMinutes(5));
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return "";
                }));
    }

    @Test
    void oneCallersWaitingCallsAreInNobodyElsesWay() throws Exception {
        try (FakeBackend _ = silent(Backend.ENGINE)) {
            Wire first = send("developer alice", "GET /containers/a/json");
            for (int i = 1; i < SHARE; i++) {
                send("developer alice", "GET /containers/a/json");
            }
            eventually(() -> waiting(Backend.ENGINE) == SHARE);
            Wire more = send("developer alice", "GET /containers/a/json");
            refused(more, 429);
            for (int i = 1; i < 20; i++) {
                refused(again(more, "developer alice", "GET /containers/a/json"), 429);
            }
            for (String other : List.of("developer bob", "viewer carol")) {
                assertThat(send(other, "GET /containers/quick/json")
                                .readMessage()
                                .status())
                        .isEqualTo(200);
                for (int i = 0; i < SHARE; i++) {
                    send(other, "GET /containers/a/json");
                }
            }
            eventually(() -> waiting(Backend.ENGINE) == 3 * SHARE);
            // All that is not kept for operators is taken now, by however many.
            refused(send("developer dave", "GET /containers/quick/json"), 503);
            refused(send("", "GET /containers/quick/json"), 503);
            for (int i = 0; i < 3; i++) {
                assertThat(send("operator root", "GET /containers/quick/json")
                                .readMessage()
                                .status())
                        .isEqualTo(200);
                try (Wire socket = gateway.unix()) {
                    again(socket, "", "GET /containers/quick/json");
                    assertThat(socket.readMessage().status()).isEqualTo(200);
                }
            }
            first.resetOnClose(); // who only ends the input still wants the answer
            first.close();
            eventually(() -> waiting(Backend.ENGINE) == 3 * SHARE - 1);
            assertThat(send("developer alice", "GET /containers/quick/json")
                            .readMessage()
                            .status())
                    .isEqualTo(200);
            assertThat(meter("berth.gateway.limited", "waiting requests", "reason", "own_share"))
                    .isEqualTo(20);
            assertThat(meter("berth.gateway.limited", "waiting requests", "reason", "all_taken"))
                    .isEqualTo(2);
        }
    }

    @Test
    void slowBodiesAreBoundedForEachCaller() throws Exception {
        String load = "POST /images/load\nContent-Length: 10\n\nhello";
        String create = "POST /containers/create\nContent-Length: 10\n\nhello";
        try (FakeBackend _ = FakeBackend.answering(gateway.socketOf(Backend.IMAGE), _ -> ok("loaded"));
                FakeBackend _ = FakeBackend.answering(gateway.socketOf(Backend.REGISTRY), _ -> ok("pushed"));
                FakeBackend _ = FakeBackend.answering(gateway.socketOf(Backend.ENGINE), _ -> ok("made"))) {
            Wire first = send("developer alice", load);
            Wire second = send("developer alice", create); // whose body the gate reads
            send("developer alice", load);
            send("developer alice", create);
            eventually(() -> meter("berth.gateway.places", "uploads", "callers", "others") == SHARE);
            refused(send("developer alice", load), 429);
            refused(send("developer alice", create), 429);
            Wire.Message pushed = send(
                            "developer alice", "PUT /v2/alice/a/blobs/uploads/1?digest=x\nContent-Length: 10\n\nhello")
                    .readMessage();
            assertThat(pushed.status()).isEqualTo(429);
            assertThat(pushed.body()).contains("\"code\":\"TOOMANYREQUESTS\"");
            // What has no body, or is another's, goes on.
            assertThat(send("developer alice", "GET /containers/json")
                            .readMessage()
                            .status())
                    .isEqualTo(200);
            for (String other : List.of("developer bob", "operator root", "")) {
                assertThat(send(other, load).send("world").readMessage().body()).isEqualTo("loaded");
            }
            assertThat(first.send("world").readMessage().body()).isEqualTo("loaded");
            assertThat(second.send("world").readMessage().body()).isEqualTo("made");
            eventually(() -> meter("berth.gateway.places", "uploads", "callers", "others") == SHARE - 2);
            assertThat(send("developer alice", load).send("world").readMessage().body())
                    .isEqualTo("loaded");
        }
    }

    @Test
    void streamsAndHijackedConnectionsCountUntilTheyEnd() throws Exception {
        try (FakeBackend _ = new FakeBackend(gateway.socketOf(Backend.ENGINE), wire -> {
            String head = wire.readHead();
            wire.send(
                    head.contains("/attach")
                            ? "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
                            : "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            wire.read();
        })) {
            String attach = "POST /containers/a/attach?stream=1\nConnection: Upgrade\nUpgrade: tcp\n\n";
            Wire raw = send("developer alice", attach);
            assertThat(raw.readHead()).contains("101");
            Wire events = send("developer alice", "GET /events");
            assertThat(events.readHead()).contains("200");
            assertThat(send("developer alice", "GET /containers/a/logs?follow=1")
                            .readHead())
                    .contains("200");
            assertThat(send("developer alice", attach).readHead()).contains("101");
            refused(send("developer alice", "GET /events"), 429);
            refused(send("developer alice", attach), 429);
            assertThat(send("developer bob", attach).readHead()).contains("101");
            for (int i = 0; i < PLACES / 2; i++) {
                assertThat(send("operator root", "GET /events").readHead()).contains("200");
            }
            raw.close();
            events.close();
            eventually(() -> meter("berth.gateway.places", "streams", "callers", "others") == SHARE - 1);
            assertThat(send("developer alice", attach).readHead()).contains("101");
        }
        held.forEach(Wire::close);
        eventually(() -> meter("berth.gateway.places", "streams", "callers", "others") == 0
                && meter("berth.gateway.places", "streams", "callers", "operators") == 0
                && meter("berth.gateway.places", "connections", "callers", "others") == 0);
    }

    @Test
    void keptConnectionsAreACallersOwn() throws Exception {
        try (FakeBackend _ = FakeBackend.answering(gateway.socketOf(Backend.ENGINE), _ -> ok("here"))) {
            Wire first = send("developer alice", "GET /containers/json");
            assertThat(first.readMessage().status()).isEqualTo(200);
            for (int i = 1; i < PLACES; i++) {
                assertThat(send("developer alice", "GET /containers/json")
                                .readMessage()
                                .status())
                        .isEqualTo(200);
            }
            Wire more = send("developer alice", "GET /containers/json");
            refused(more, 429);
            assertThat(more.readToEnd()).isEmpty();
            // Those that are open stay usable, and one may become another caller's.
            assertThat(again(first, "developer alice", "GET /containers/json")
                            .readMessage()
                            .status())
                    .isEqualTo(200);
            assertThat(again(first, "developer bob", "GET /containers/json")
                            .readMessage()
                            .status())
                    .isEqualTo(200);
            assertThat(send("developer alice", "GET /containers/json")
                            .readMessage()
                            .status())
                    .isEqualTo(200);
            assertThat(send("operator root", "GET /containers/json")
                            .readMessage()
                            .status())
                    .isEqualTo(200);
        } catch (UncheckedIOException e) {
            throw new AssertionError("a connection was closed that should be open", e);
        }
    }
}
