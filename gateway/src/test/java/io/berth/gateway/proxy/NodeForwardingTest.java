package io.berth.gateway.proxy;

import static io.berth.gateway.fixture.FakeBackend.ok;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.gateway.fixture.FakeBackend;
import io.berth.gateway.fixture.FakeNode;
import io.berth.gateway.fixture.Gateway;
import io.berth.gateway.fixture.LeakWatch;
import io.berth.gateway.fixture.Wire;
import io.berth.gateway.route.Backend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Which node a request goes to. */
@ExtendWith(LeakWatch.class)
@Timeout(60)
class NodeForwardingTest {
    private static final String NEAR = "a".repeat(64);
    private static final String FAR = "b".repeat(64);
    private static final String OTHER_KEY = "o".repeat(40);

    @TempDir
    Path directory;

    private Gateway gateway;
    private FakeNode local;
    private FakeNode far;
    private FakeBackend platform;

    @BeforeEach
    void start() throws Exception {
        gateway = Gateway.in(directory);
        local = new FakeNode(
                gateway.socketOf(Backend.ENGINE),
                gateway.socketOf(Backend.IMAGE),
                List.of(NEAR),
                request -> notFound());
        far = new FakeNode(directory.resolve("e2.sock"), directory.resolve("i2.sock"), List.of(FAR), this::farAnswer);
        platform =
                FakeBackend.answering(gateway.socketOf(Backend.PLATFORM), request -> ok("merged " + request.start()));
    }

    @AfterEach
    void stop() {
        gateway.close();
        local.close();
        far.close();
        platform.close();
    }

    private static String notFound() {
        return "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    }

    private String farAnswer(Wire.Message request) {
        String target = request.start();
        if (target.contains("/unlisted/") || target.contains("/exec/e1/") || target.contains("/images/team/app/")) {
            return ok("far");
        }
        if (target.contains("/" + FAR + "/hang")) {
            try {
                Thread.sleep(Duration.ofMinutes(1));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return target.contains(FAR) ? ok("far") : notFound();
    }

    private void addFarNode() throws Exception {
        far.add(gateway.nodes(), "n2", Files.writeString(directory.resolve("n2.key"), OTHER_KEY));
        while (gateway.nodes().all().stream()
                .anyMatch(node -> node.containers().all().isEmpty())) {
            Thread.sleep(20);
        }
        awaitReachable(true);
    }

    private Wire.Message request(String method, String path) {
        try (Wire client = gateway.unix()) {
            client.sendLines(method + " " + path + " HTTP/1.1\nHost: x\n\n");
            return client.readMessage();
        }
    }

    @Test
    void withOneNodeNothingIsAskedOrMerged() {
        assertThat(request("GET", "/containers/json").status()).isEqualTo(404);
        assertThat(request("GET", "/containers/" + FAR + "/logs").status()).isEqualTo(404);
        assertThat(local.requests()).hasSize(2);
        assertThat(platform.connections()).isZero();
    }

    @Test
    void aContainersRequestsFollowItWithItsNodesCredential() throws Exception {
        addFarNode();
        assertThat(request("POST", "/v1.43/containers/" + FAR + "/start").body())
                .isEqualTo("far");
        assertThat(request("GET", "/containers/bbbb/logs").status()).isEqualTo(404);
        assertThat(far.requests())
                .hasSize(2)
                .allMatch(one -> one.header("Berth-Platform-Key").equals(OTHER_KEY));
        assertThat(request("GET", "/containers/" + NEAR + "/logs").status()).isEqualTo(404);
        assertThat(local.requests())
                .hasSize(1)
                .allMatch(one -> one.header("Berth-Platform-Key").equals(Gateway.KEY));
    }

    @Test
    void whatIsNotKnownIsLookedFor() throws Exception {
        addFarNode();
        assertThat(request("GET", "/containers/unlisted/logs").body()).isEqualTo("far");
        assertThat(request("POST", "/exec/e1/start").body()).isEqualTo("far");
        assertThat(request("GET", "/images/team/app/history").status()).isEqualTo(200);
        assertThat(request("GET", "/containers/nobody/logs").status()).isEqualTo(404);
    }

    @Test
    void whatConcernsSeveralNodesIsMerged() throws Exception {
        addFarNode();
        for (String path : List.of("/v1.43/containers/json?all=1", "/info", "/events", "/networks/n", "/images/json")) {
            assertThat(request("GET", path).body()).startsWith("merged GET /merged" + path + " ");
        }
        assertThat(request("DELETE", "/images/team/app").body()).startsWith("merged DELETE /merged/images/team/app ");
        assertThat(request("GET", "/merged/info").status()).isEqualTo(404);
    }

    @Test
    void aLostNodesContainersAreAnsweredFor() throws Exception {
        addFarNode();
        try (Wire waiting = gateway.unix()) {
            waiting.sendLines("GET /containers/" + FAR + "/hang HTTP/1.1\nHost: x\n\n");
            far.kill();
            Wire.Message answer = waiting.readMessage();
            assertThat(answer.status()).isEqualTo(503);
        }
        awaitReachable(false);
        Wire.Message answer = request("GET", "/containers/" + FAR + "/logs");
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.body()).contains("node n2 is unreachable: engine: ");
        assertThat(request("GET", "/containers/" + NEAR + "/logs").status()).isEqualTo(404);
        far.revive();
        awaitReachable(true);
        assertThat(request("GET", "/containers/" + FAR + "/logs").body()).isEqualTo("far");
    }

    private void awaitReachable(boolean wanted) throws InterruptedException {
        while (gateway.nodes().named("n2").reachable() != wanted) {
            Thread.sleep(20);
        }
    }
}
