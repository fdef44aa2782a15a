package io.berth.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.gateway.fixture.LeakWatch;
import io.berth.gateway.fixture.Owned;
import io.berth.gateway.fixture.PrivateGateway;
import io.berth.gateway.fixture.Wire;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ways past a check that others have been found to have: each is tried with a developer's token, and nothing reaches a service. */
@ExtendWith(LeakWatch.class)
@Timeout(300)
class AccessAttackTest {
    private static final String HOST_BIND = "{\"Image\":\"a\",\"HostConfig\":{\"Binds\":[\"/:/host\"]}}";

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

    private static void reachesNothing(Wire.Message answer) {
        assertThat(answer.status()).as(answer.body()).isBetween(400, 499);
        assertThat(services.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/containers//theirs/json",
                "//containers/theirs/json",
                "/containers/ours/../theirs/json",
                "/containers/ours/%2e%2e/theirs/json",
                "/containers/ours%2f..%2ftheirs/json",
                "/containers/theirs%2fjson",
                "/containers/theirs;x=ours/json",
                "/containers/theirs/json/",
                "/containers/%74heirs/json",
                "/v1.43/containers/theirs/json",
                "/v1.43//containers/theirs/json",
                "/containers\\theirs\\json",
                "/CONTAINERS/theirs/json",
                "/containers/theirs/Json",
                "/containers/theirs%00/json",
                "/containers/%2574heirs/json",
                "/v1.43/v1.43/containers/theirs/json",
                "/v2/../containers/theirs/json",
                "/_ping/../containers/theirs/json",
                "/ui/../containers/theirs/json",
                "/ui/%2e%2e/containers/theirs/json",
                "/api/session/../../containers/theirs/json",
                "/unknown",
                "/swarm/init",
                "/plugins/pull",
                "/services/create"
            })
    void noSpellingOfAPathGetsPast(String path) {
        reachesNothing(gateway.ask("GET " + path, bearer, ""));
        services.forget();
        Wire.Message stranger = gateway.ask("GET " + path, "", "");
        assertThat(stranger.status()).isBetween(400, 499);
        assertThat(services.requests()).isEmpty();
    }

    @Test
    void whatWasCheckedIsWhatIsForwarded() {
        assertThat(gateway.ask("POST /v1.43/containers/ours/start", bearer, "").status())
                .isEqualTo(200);
        assertThat(services.requests().getLast().start())
                .isEqualTo("POST /v1.43/containers/" + Owned.OURS + "/start HTTP/1.1");
        services.forget();
        String asked = "{\"IMAGE\":\"a\",\"hostconfig\":{\"binds\":[]},\"Extra\":null}";
        assertThat(gateway.ask("POST /containers/create", bearer, asked).status())
                .isEqualTo(200);
        assertThat(services.requests().getLast().body())
                .contains("\"Image\":\"a\"", "\"io.berth.project\":\"shop\"")
                .doesNotContain("IMAGE", "hostconfig");
    }

    @Test
    void aBodyInChunksIsReadWhole() {
        String chunks = "";
        for (int i = 0; i < HOST_BIND.length(); i += 7) {
            String part = HOST_BIND.substring(i, Math.min(i + 7, HOST_BIND.length()));
            chunks += Integer.toHexString(part.length()) + "\r\n" + part + "\r\n";
        }
        try (Wire wire = gateway.tcp()) {
            wire.send("POST /containers/create HTTP/1.1\r\nHost: localhost\r\n" + bearer.replace("\n", "\r\n")
                    + "Transfer-Encoding: chunked\r\n\r\n" + chunks + "0\r\nPrivileged: true\r\n\r\n");
            reachesNothing(wire.readMessage());
        }
    }

    @Test
    void aSecondBodyIsNoPartOfTheFirst() {
        String harmless = "{\"Image\":\"a\"}";
        try (Wire wire = gateway.tcp()) {
            wire.send(PrivateGateway.request("POST /containers/create", bearer, harmless) + HOST_BIND);
            assertThat(wire.readMessage().status()).isEqualTo(200);
        }
        assertThat(services.requests()).hasSize(1);
        assertThat(services.requests().getFirst().body()).doesNotContain("Binds");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 13\r\nContent-Length: 60\r\n",
                "Content-Length: 13\r\nTransfer-Encoding: chunked\r\n",
                "Content-Length: 13\r\ncontent_length: 60\r\nTransfer_Encoding: chunked\r\nContent-Length: 13\r\n",
                "Transfer-Encoding: chunked, identity\r\n",
                "Transfer-Encoding:\u000bchunked\r\n"
            })
    void lengthsThatContradictAreRefused(String framing) {
        try (Wire wire = gateway.tcp()) {
            wire.send("POST /containers/create HTTP/1.1\r\nHost: localhost\r\n" + bearer.replace("\n", "\r\n") + framing
                    + "\r\n{\"Image\":\"a\"}");
            reachesNothing(wire.readMessage());
        }
    }

    @Test
    void aBodyOfEverySizeIsDecidedOn() {
        for (int size : new int[] {0, 1, 1024 * 1024 + 1, 4 * 1024 * 1024 - 100}) {
            services.forget();
            String body = "{\"Env\":[\"" + "x".repeat(size) + "\"]," + HOST_BIND.substring(1);
            reachesNothing(gateway.ask("POST /containers/create", bearer, body));
        }
        String large = "{\"Env\":[\"" + "x".repeat(4 * 1024 * 1024) + "\"]}";
        Wire.Message refused = gateway.ask("POST /containers/create", bearer, large);
        assertThat(refused.status()).isEqualTo(413);
        assertThat(services.requests()).isEmpty();
        // Without a body there is nothing to allow either: what is forwarded is the project's.
        assertThat(gateway.ask("POST /containers/create", bearer, "").status()).isEqualTo(200);
        assertThat(services.requests().getFirst().body()).contains("io.berth.project");
    }

    @Test
    void whoExpectsToContinueIsDecidedOnTheSame() {
        try (Wire wire = gateway.tcp()) {
            wire.send("POST /containers/create HTTP/1.1\r\nHost: localhost\r\n" + bearer.replace("\n", "\r\n")
                    + "Expect: 100-continue\r\nContent-Length: " + HOST_BIND.length() + "\r\n\r\n");
            assertThat(wire.readHead()).startsWith("HTTP/1.1 100 ");
            wire.send(HOST_BIND);
            reachesNothing(wire.readMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Berth-Identity: name=x;role=operator;projects=;source=TOKEN;credential=1",
                "berth_identity: name=x;role=operator;projects=;source=TOKEN;credential=1",
                "BERTH-IDENTITY: name=x;role=operator;projects=;source=TOKEN;credential=1",
                "Berth-Listener: socket",
                "berth_listener: socket",
                "X-Berth-Identity: x",
                "Remote-User: root",
                "X_Forwarded_For: 127.0.0.1",
                "Berth-Platform-Key: 0",
                "Connection: Berth-Identity, Authorization"
            })
    void nobodySaysByAHeaderWhoTheyAre(String header) {
        assertThat(gateway.ask("GET /info", header + "\n", "").status()).isEqualTo(401);
        assertThat(gateway.ask("GET /api/session", header + "\n", "").status()).isEqualTo(401);
        assertThat(gateway.ask("GET /api/audit", bearer + header + "\n", "").status())
                .isEqualTo(403);
        Wire.Message answer = gateway.ask("GET /v2/", bearer + header + "\n", "");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(services.requests()).hasSize(1);
        Wire.Message seen = services.requests().getFirst();
        assertThat(seen.header("Berth-Identity")).startsWith("name=alice;role=developer;projects=shop;");
        assertThat(seen.header("Berth-Listener")).isEmpty();
        assertThat(seen.head().toLowerCase(Locale.ROOT)).doesNotContain("berth_", "authorization");
    }

    @Test
    void twoCredentialsAreNone() {
        assertThat(gateway.ask("GET /info", bearer + "Authorization: Basic YTpi\n", "")
                        .status())
                .isEqualTo(400);
        assertThat(services.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "filters={\"label\":[\"io.berth.project=other\"]}",
                "filters={\"label\":{\"io.berth.project=other\":true}}",
                "filters=%7B%22label%22%3A%5B%22io.berth.project%3Dother%22%5D%7D",
                "%66ilters={}",
                ""
            })
    void aListIsOfTheCallersOwn(String query) {
        assertThat(gateway.ask("GET /containers/json?all=1&" + query, bearer, "")
                        .status())
                .isEqualTo(200);
        assertThat(services.requests().getFirst().start()).contains("io.berth.project%3Dshop");
        assertThat(services.requests().getFirst().start().split("filters=", -1)).hasSize(2);
    }

    @Test
    void twoFiltersAreRefused() {
        reachesNothing(gateway.ask("GET /containers/json?filters={}&filters={}", bearer, ""));
    }

    @Test
    void theListOfImagesHidesOthers() {
        Wire.Message images = gateway.ask("GET /images/json", bearer, "");
        assertThat(images.body()).contains("shop/app:1", "debian:13").doesNotContain("other/");
        assertThat(gateway.ask(
                                "GET /images/json",
                                "Authorization: Bearer " + gateway.token("all", Role.OPERATOR) + "\n",
                                "")
                        .body())
                .contains("other/app:2");
    }

    @Test
    void diskUseIsOfTheCallersOwn() {
        Wire.Message brief = gateway.ask("GET /system/df", bearer, "");
        assertThat(services.requests().getFirst().start()).contains("verbose=true");
        assertThat(brief.body())
                .contains("\"ImageUsage\":{\"ActiveCount\":1,\"TotalCount\":2,\"Reclaimable\":5,\"TotalSize\":15}")
                .contains("\"VolumeUsage\":{\"ActiveCount\":0,\"TotalCount\":1,\"Reclaimable\":3,\"TotalSize\":3}")
                .contains("\"BuildCacheUsage\":{\"ActiveCount\":0,\"TotalCount\":0,\"Reclaimable\":0,\"TotalSize\":0}")
                .doesNotContain("secret", "other/app", "Items");
        assertThat(gateway.ask("GET /system/df?verbose=1", bearer, "").body())
                .contains("\"Items\":[{\"Id\":\"1\"")
                .doesNotContain("secret", "other/app");
    }

    /** What is inside of these, the image service decides on: by whom it hears of, and of that clients say nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"/grpc", "/session", "/v1.43/grpc", "/images/load", "/images/load?quiet=1"})
    void whoCallsIsSaidByTheGatewayAlone(String path) {
        String forged = """
                Berth-Identity: name=root;role=operator;projects=;source=TOKEN;credential=1
                berth_identity: role=operator
                BERTH-Listener: socket
                """;
        assertThat(gateway.ask("POST " + path, bearer + forged, "").status()).isEqualTo(200);
        Wire.Message reached = services.requests().getLast();
        assertThat(reached.header("Berth-Identity"))
                .contains("name=alice;role=developer;projects=shop")
                .doesNotContain("operator");
        assertThat(reached.header("Berth-Listener")).isEmpty();
        if (!path.contains("load")) {
            assertThat(reached.start()).contains("?hidden=other ");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/grpc?hidden=",
                "/grpc?hidden=none&hidden=",
                "/session?hidden",
                "/session?%68idden=none",
                "/images/load?hidden=",
                "/images/load?quiet=1&caller=x",
                "/grpc/moby.buildkit.v1.Control/Solve",
                "/session/x"
            })
    void parametersThatDecideAreTheGateways(String path) {
        reachesNothing(gateway.ask("POST " + path, bearer, ""));
    }

    @Test
    void aPoolsConnectionIsNotPoisonedByARefusal() {
        try (Wire wire = gateway.tcp()) {
            wire.send(PrivateGateway.request("POST /containers/create", bearer, HOST_BIND)
                    + PrivateGateway.request("GET /info", "", "")
                    + PrivateGateway.request("GET /info", bearer, ""));
            assertThat(wire.readMessage().status()).isEqualTo(403);
            assertThat(wire.readMessage().status()).isEqualTo(401);
            assertThat(wire.readMessage().status()).isEqualTo(200);
        }
        assertThat(services.requests()).hasSize(1);
    }
}
