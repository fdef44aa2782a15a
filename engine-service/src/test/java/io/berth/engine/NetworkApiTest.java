package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.event.EngineEvent;
import io.berth.engine.event.EngineEvents;
import io.berth.engine.fixture.EngineFixture;
import io.berth.engine.fixture.RawHttp.Answer;
import io.berth.engine.network.runtime.HostUse;
import io.berth.linux.netlink.IpPrefix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Networks over HTTP, over a fake kernel. All tests share an engine, which takes a second to start; each leaves it empty. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class NetworkApiTest {
    private static final String CUSTOM = "{\"type\":[\"custom\"]}";
    private static final String DEFAULT_BRIDGE = "berth0";

    private static EngineFixture engine;

    @BeforeAll
    static void start(@TempDir Path directory) throws IOException {
        engine = new EngineFixture(directory);
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    @AfterEach
    void clear() throws IOException {
        engine.links().refusing(false);
        engine.links().routes(List.of());
        engine.links().uses();
        if (!engine.isRunning()) { // the test failed between a stop and a start
            engine.start();
        }
        for (JsonNode container : engine.http().get("/containers/json?all=1").json()) {
            String id = container.path("Id").asString();
            assertThat(engine.http().delete("/containers/" + id + "?force=1").status())
                    .isEqualTo(204);
        }
        for (String name : names(CUSTOM)) {
            assertThat(engine.http().delete("/networks/" + name).status()).isEqualTo(204);
        }
        assertThat(engine.links().attached()).isEmpty();
        assertThat(customLinks()).isEmpty();
    }

    /** All but that of the default bridge, which is made once and stays. */
    private static Set<String> customLinks() {
        Set<String> links = new HashSet<>(engine.links().links());
        links.remove(DEFAULT_BRIDGE);
        return links;
    }

    private Answer post(String path, String json) throws IOException {
        return engine.http().post(path, json);
    }

    private String network(String json) throws IOException {
        Answer answer = post("/networks/create", json);
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return answer.json().path("Id").asString();
    }

    private String container(String name, String more) throws IOException {
        Answer answer = post(
                "/v1.48/containers/create?name=" + name, "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"]" + more + "}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return answer.json().path("Id").asString();
    }

    private static String in(String network, String config) {
        return ",\"HostConfig\":{\"NetworkMode\":\"" + network + "\"},\"NetworkingConfig\":{\"EndpointsConfig\":{\""
                + network + "\":" + config + "}}";
    }

    private void started(String name) throws IOException {
        Answer answer = engine.http().post("/containers/" + name + "/start");
        assertThat(answer.status()).as(answer.text()).isEqualTo(204);
    }

    private void stopped(String name) throws IOException {
        assertThat(engine.http().post("/containers/" + name + "/kill").status()).isEqualTo(204);
        assertThat(engine.http().post("/containers/" + name + "/wait").status()).isEqualTo(200);
    }

    private JsonNode settings(String container) throws IOException {
        return engine.http()
                .get("/v1.48/containers/" + container + "/json")
                .json()
                .path("NetworkSettings");
    }

    private String address(String container, String network) throws IOException {
        return settings(container)
                .path("Networks")
                .path(network)
                .path("IPAddress")
                .asString();
    }

    private static void refused(Answer answer, int status, String message) {
        assertThat(answer.message()).isEqualTo(message);
        assertThat(answer.status()).isEqualTo(status);
    }

    private static List<String> names(String filters) throws IOException {
        return names(engine, filters);
    }

    private static List<String> names(EngineFixture engine, String filters) throws IOException {
        List<String> names = new ArrayList<>();
        engine.http()
                .get("/networks?filters=" + URLEncoder.encode(filters, StandardCharsets.UTF_8))
                .json()
                .forEach(network -> names.add(network.path("Name").asString()));
        return names;
    }

    @Test
    void everyEngineHasThree(@TempDir Path another) throws IOException {
        try (EngineFixture fresh = new EngineFixture(another)) {
            assertThat(names(fresh, "{}")).containsExactly("bridge", "host", "none");
            String id = fresh.http().get("/networks/none").json().path("Id").asString();
            fresh.stop();
            fresh.start();
            assertThat(fresh.http().get("/networks/none").json().path("Id").asString())
                    .isEqualTo(id);
            assertThat(fresh.links().links())
                    .as("made before somebody needs it")
                    .isEmpty();
        }
    }

    @Test
    void survivesARestart() throws IOException {
        String id = network(
                "{\"Name\":\"n\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.5.0.0/24\"}]},\"Labels\":{\"a\":\"b\"}}");
        engine.stop();
        engine.start();
        JsonNode found = engine.http().get("/networks/n").json();
        assertThat(found.path("Id").asString()).isEqualTo(id);
        assertThat(found.path("Labels").path("a").asString()).isEqualTo("b");
        refused(
                post("/networks/create", "{\"Name\":\"m\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.5.0.0/16\"}]}}"),
                403,
                "Pool overlaps with other one on this address space");
        assertThat(customLinks()).containsExactly("br-" + id.substring(0, 12));
    }

    @Test
    void choosesSubnetsThatNobodyHas() throws IOException {
        engine.links().routes(List.of(IpPrefix.parse("172.18.0.0/15")));
        String id = network("{\"Name\":\"n\",\"EnableIPv6\":true}");
        JsonNode config =
                engine.http().get("/networks/" + id).json().path("IPAM").path("Config");
        assertThat(config.path(0).path("Subnet").asString()).isEqualTo("172.20.0.0/16");
        assertThat(config.path(0).path("Gateway").asString()).isEqualTo("172.20.0.1");
        assertThat(config.path(1).path("Subnet").asString()).startsWith("fd").endsWith("::/64");
    }

    private static String withSubnet(String subnet, String more) {
        return "{\"Name\":\"n\",\"EnableIPv6\":true,\"IPAM\":{\"Config\":[{\"Subnet\":\"" + subnet + "\"}]}" + more
                + "}";
    }

    @Test
    void warnsOfASubnetThatTakesARouteOfTheHost() throws IOException {
        engine.links().routes(List.of(IpPrefix.parse("192.168.1.0/24"), IpPrefix.parse("fd00:77::/64")));
        for (String subnet : List.of("192.168.1.128/25", "192.168.1.0/24", "192.168.0.0/16", "fd00:77:0:0:1::/80")) {
            Answer answer = post("/networks/create", withSubnet(subnet, ""));
            assertThat(answer.status()).as(answer.text()).isEqualTo(201);
            assertThat(answer.json().path("Warning").asString())
                    .startsWith("subnet " + subnet + " has addresses of the host's route ")
                    .contains("(eth0)");
            assertThat(engine.http().delete("/networks/n").status()).isEqualTo(204);
        }
        Answer answer = post("/networks/create", withSubnet("10.9.0.0/16", ""));
        assertThat(answer.json().path("Warning").asString()).isEmpty();
    }

    @Test
    void refusesASubnetWithTheHostsGatewayOrNameServer() throws IOException {
        engine.links()
                .uses(
                        new HostUse(HostUse.Kind.GATEWAY, IpPrefix.parse("192.168.1.1/32"), "eth0"),
                        new HostUse(HostUse.Kind.RESOLVER, IpPrefix.parse("9.9.9.9/32"), ""));
        refused(
                post("/networks/create", withSubnet("192.168.1.0/25", "")),
                403,
                "subnet 192.168.1.0/25 has addresses of the host's gateway 192.168.1.1 (eth0)");
        refused(
                post("/networks/create", withSubnet("9.0.0.0/8", "")),
                403,
                "subnet 9.0.0.0/8 has addresses of the host's name server 9.9.9.9");
        network(withSubnet("192.168.1.0/25", ",\"Driver\":\"macvlan\""));
    }

    @Test
    void aNetworkOfAProjectHasItsSubnetInThePoolsAndTakesNothing() throws IOException {
        String label = ",\"Labels\":{\"io.berth.project\":\"shop\"}";
        engine.links().routes(List.of(IpPrefix.parse("172.20.0.0/16")));
        for (String subnet : List.of("8.8.8.0/24", "10.5.0.0/16", "192.160.0.0/12", "0.0.0.0/1", "2001:4860::/32")) {
            Answer answer = post("/networks/create", withSubnet(subnet, label));
            assertThat(answer.status()).as(answer.text()).isEqualTo(403);
            assertThat(answer.json().path("message").asString())
                    .startsWith("subnet " + subnet + " is not in the address pools of projects: 172.17.0.0/16, ");
        }
        refused(
                post("/networks/create", withSubnet("172.20.7.0/24", label)),
                403,
                "subnet 172.20.7.0/24 has addresses of the host's route 172.20.0.0/16 (eth0)");
        network(withSubnet("172.21.7.0/24", label));
    }

    @Test
    void aProjectsNetworkFromAConfigurationIsHeldToTheSame() throws IOException {
        network("{\"Name\":\"c\",\"ConfigOnly\":true,\"IPAM\":{\"Config\":[{\"Subnet\":\"8.8.8.0/24\"}]}}");
        Answer answer = post(
                "/networks/create",
                "{\"Name\":\"n\",\"ConfigFrom\":{\"Network\":\"c\"},\"Labels\":{\"io.berth.project\":\"shop\"}}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(403);
    }

    @Test
    void choosesNoSubnetWithTheHostsNameServer() throws IOException {
        engine.links().uses(new HostUse(HostUse.Kind.RESOLVER, IpPrefix.parse("172.18.0.53/32"), ""));
        String id = network("{\"Name\":\"n\"}");
        assertThat(engine.http()
                        .get("/networks/" + id)
                        .json()
                        .at("/IPAM/Config/0/Subnet")
                        .asString())
                .isEqualTo("172.19.0.0/16");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"Name\":\"\"} | 400 | 'invalid name: '",
                "{\"Name\":\"bridge\"} | 403 | 'operation is not permitted on predefined bridge network '",
                "{\"Name\":\"x\",\"Driver\":\"nosuch\"} | 404 | plugin \"nosuch\" not found",
                "{\"Name\":\"x\",\"Driver\":\"host\"} | 403 | only one instance of \"host\" network is allowed",
                "{\"Name\":\"x\",\"EnableIPv4\":false} | 400 | IPv4 or IPv6 must be enabled",
                "{\"Name\":\"x\",\"ConfigFrom\":{\"Network\":\"y\"}} | 404 | configuration network \"y\" does not exist",
                "{\"Name\":\"x\",\"IPAM\":{\"Driver\":\"y\"}} | 404 | plugin \"y\" not found",
                "{\"Name\":\"x\",\"Options\":{\"com.docker.network.bridge.name\":\"berth0\"}} | 403 | same name",
                "{\"Name\":\"x\",\"Options\":{\"com.docker.network.bridge.name\":\"sixteencharacter\"}} | 400 | too long",
                "{\"Name\":\"x\",\"Driver\":\"macvlan\",\"Options\":{\"macvlan_mode\":\"y\"}} | 400 | macvlan mode",
            })
    void refusesAndLeavesNothing(String request, int status, String message) throws IOException {
        Answer answer = post("/networks/create", request);
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        switch (message) {
            case "same name" -> assertThat(answer.message()).endsWith("(berth0): networks have same bridge name");
            case "too long" -> assertThat(answer.message()).startsWith("invalid bridge name \"sixteencharacter\"");
            case "macvlan mode" -> assertThat(answer.message()).startsWith("requested macvlan mode 'y' is not valid");
            default -> assertThat(answer.message()).isEqualTo(message);
        }
        assertThat(names(CUSTOM)).isEmpty();
        assertThat(customLinks()).isEmpty();
    }

    @Test
    void leavesNothingWhenTheKernelRefuses() throws IOException {
        engine.links().refusing(true);
        Answer answer = post("/networks/create", "{\"Name\":\"x\"}");
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.message()).contains("EPERM");
        assertThat(names(CUSTOM)).isEmpty();
        engine.links().refusing(false);
        String _ = network("{\"Name\":\"x\"}");
    }

    @Test
    void givesAddressesAndTakesThemBack() throws IOException {
        String _ = network("{\"Name\":\"n\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.5.0.0/29\"}]}}");
        for (String name : List.of("ca", "cb", "cc", "cd", "ce", "cf")) {
            String _ = container(name, in("n", "{}"));
        }
        started("ca");
        started("cb");
        assertThat(List.of(address("ca", "n"), address("cb", "n"))).containsExactly("10.5.0.2", "10.5.0.3");
        stopped("ca");
        assertThat(address("ca", "n")).isEmpty();
        started("cc");
        assertThat(address("cc", "n")).isEqualTo("10.5.0.2");
        started("cd");
        started("ce");
        started("cf");
        refused(
                engine.http().post("/containers/ca/start"),
                403,
                "no available IPv4 addresses on this network's address pools: n ("
                        + engine.http().get("/networks/n").json().path("Id").asString() + ")");
        assertThat(engine.http()
                        .get("/v1.52/networks/n")
                        .json()
                        .path("Status")
                        .path("IPAM")
                        .path("Subnets")
                        .toString())
                .isEqualTo("{\"10.5.0.0/29\":{\"IPsInUse\":8,\"DynamicIPsAvailable\":0}}");
    }

    @Test
    void keepsAddressesOverARestart() throws IOException {
        String _ = network("{\"Name\":\"n\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.5.0.0/24\"}]}}");
        String _ = container("ca", in("n", "{\"Aliases\":[\"web\"]}"));
        String _ = container("cb", in("n", "{}"));
        started("ca");
        JsonNode before = settings("ca");
        engine.stop();
        engine.start();
        assertThat(settings("ca")).isEqualTo(before);
        assertThat(engine.http().get("/networks/n").json().path("Containers").size())
                .isEqualTo(1);
        started("cb");
        assertThat(address("cb", "n")).isEqualTo("10.5.0.3");
    }

    @Test
    void refusesAnAddressInUse() throws IOException {
        String _ = network("{\"Name\":\"n\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.5.0.0/24\"}]}}");
        String _ = container("ca", in("n", "{\"IPAMConfig\":{\"IPv4Address\":\"10.5.0.9\"}}"));
        String _ = container("cb", in("n", "{\"IPAMConfig\":{\"IPv4Address\":\"10.5.0.9\"}}"));
        started("ca");
        refused(engine.http().post("/containers/cb/start"), 403, "Address already in use");
        stopped("ca");
        started("cb");
        assertThat(address("cb", "n")).isEqualTo("10.5.0.9");
    }

    @Test
    void connectsAndDisconnectsWhatDoesNotRun() throws IOException {
        String _ = network("{\"Name\":\"n\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.5.0.0/24\"}]}}");
        String _ = container("ca", "");
        assertThat(post("/networks/n/connect", "{\"Container\":\"ca\",\"EndpointConfig\":{\"Aliases\":[\"web\"]}}")
                        .status())
                .isEqualTo(200);
        engine.stop();
        engine.start();
        started("ca");
        assertThat(address("ca", "n")).isEqualTo("10.5.0.2");
        assertThat(settings("ca").path("Networks").path("n").path("DNSNames").toString())
                .startsWith("[\"ca\",\"web\",");
        stopped("ca");
        assertThat(post("/networks/n/disconnect", "{\"Container\":\"ca\"}").status())
                .isEqualTo(200);
        assertThat(settings("ca").path("Networks").has("n")).isFalse();
        refused(post("/networks/n/connect", "{\"Container\":\"\"}"), 400, "No container name or ID supplied");
    }

    /** Processes of the fake kernel are never there: each has ended before its end is recorded. */
    @Test
    void whatHasJustEndedIsConnectedAsOneThatDoesNotRun() throws Exception {
        String _ = network("{\"Name\":\"n\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.5.0.0/24\"}]}}");
        String id = container("ca", "");
        started("ca");
        Set<String> before = engine.links().attached();
        Answer early = post("/networks/n/connect", "{\"Container\":\"ca\"}");
        refused(early, 409, "container " + id + " is not running");
        assertThat(engine.links().attached()).isEqualTo(before);
        assertThat(settings("ca").path("Networks").has("n")).isFalse();

        CompletableFuture<Answer> connected = CompletableFuture.supplyAsync(() -> {
            try {
                return post("/networks/n/connect", "{\"Container\":\"ca\"}");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        Thread.sleep(200);
        assertThat(connected).isNotDone();
        stopped("ca");
        assertThat(connected.get(10, TimeUnit.SECONDS).status()).isEqualTo(200);
        assertThat(settings("ca").path("Networks").has("n")).isTrue();
        started("ca");
        assertThat(address("ca", "n")).isEqualTo("10.5.0.2");
    }

    /** As clients in Go write a pool of which only the subnet is given. */
    @Test
    void emptyTextsOfAPoolAreNotGiven() throws IOException {
        String _ = network(
                "{\"Name\":\"n\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.6.0.0/24\",\"IPRange\":\"\",\"Gateway\":\"\"}]}}");
        String _ = container("ca", ",\"HostConfig\":{\"NetworkMode\":\"n\"}");
        started("ca");
        assertThat(address("ca", "n")).isEqualTo("10.6.0.2");
        assertThat(settings("ca").at("/Networks/n/Gateway").asString()).isEqualTo("10.6.0.1");
    }

    @Test
    void aConnectionThatCannotBeRecordedIsNone() throws IOException {
        String _ = network("{\"Name\":\"n\"}");
        String _ = container("ca", "");
        engine.failing(List.of("update"));
        try {
            Answer answer = post("/networks/n/connect", "{\"Container\":\"ca\"}");
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.message()).isEqualTo("the service's database cannot be used at present");
            assertThat(settings("ca").path("Networks").has("n")).isFalse();
        } finally {
            engine.failing(List.of());
        }
        assertThat(post("/networks/n/connect", "{\"Container\":\"ca\"}").status())
                .isEqualTo(200);
    }

    @Test
    void keepsANetworkThatIsInUse() throws IOException {
        String id = network("{\"Name\":\"n\"}");
        String _ = container("ca", in("n", "{}"));
        started("ca");
        refused(
                engine.http().delete("/networks/n"),
                403,
                "error while removing network: network n id " + id + " has active endpoints");
        stopped("ca");
        assertThat(engine.http().delete("/networks/n").status()).isEqualTo(204);
        assertThat(customLinks()).isEmpty();
        refused(engine.http().post("/containers/ca/start"), 404, "network " + id + " not found");
    }

    @Test
    void publishesPortsOnceEach() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        String published = ",\"HostConfig\":{\"PortBindings\":{\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\""
                + port + "\"}]}}";
        String _ = container("ca", published);
        String _ = container("cb", published);
        started("ca");
        assertThat(settings("ca").path("Ports").toString())
                .isEqualTo("{\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"" + port + "\"}]}");
        Answer refused = engine.http().post("/containers/cb/start");
        assertThat(refused.status()).isEqualTo(500);
        assertThat(refused.message())
                .matches("driver failed programming external connectivity on endpoint cb \\([0-9a-f]{64}\\): Bind for"
                        + " 127.0.0.1:" + port + " failed: port is already allocated");
        assertThat(engine.http()
                        .get("/networks/bridge")
                        .json()
                        .path("Containers")
                        .size())
                .isEqualTo(1);
        stopped("ca");
        started("cb");
    }

    @Test
    void publishesOtherPortsOfARunningContainer() throws IOException {
        int first = freePort();
        int second = freePort();
        String id = container("ca", ",\"HostConfig\":{\"PortBindings\":" + bindings("80/tcp", first) + "}");
        started("ca");
        assertThat(post("/containers/ca/update", "{\"PortBindings\":" + bindings("81/tcp", first) + "}")
                        .status())
                .isEqualTo(200);
        assertThat(settings("ca").path("Ports").toString())
                .isEqualTo("{\"80/tcp\":null,\"81/tcp\":" + published(first) + "}");
        try (ServerSocket taken = new ServerSocket(second, 1, InetAddress.getLoopbackAddress())) {
            assertThat(post(
                                    "/containers/ca/update",
                                    "{\"PortBindings\":" + bindings("80/tcp", taken.getLocalPort()) + "}")
                            .status())
                    .isEqualTo(500);
        }
        assertThat(settings("ca").path("Ports").toString())
                .as("as before")
                .isEqualTo("{\"80/tcp\":null,\"81/tcp\":" + published(first) + "}");
        refused(
                post("/containers/ca/update", "{\"PortBindings\":{\"x\":[{}]}}"),
                400,
                "invalid port specification: \"x\"");
        engine.stop();
        engine.start();
        assertThat(settings(id).path("Ports").toString())
                .isEqualTo("{\"80/tcp\":null,\"81/tcp\":" + published(first) + "}");
        assertThat(post("/containers/ca/update", "{\"PortBindings\":{}}").status())
                .isEqualTo(200);
        assertThat(settings("ca").path("Ports").toString()).isEqualTo("{\"80/tcp\":null}");
        try (ServerSocket free = new ServerSocket(first, 1, InetAddress.getLoopbackAddress())) {
            assertThat(free.isBound()).isTrue();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static String bindings(String port, int hostPort) {
        return "{\"" + port + "\":" + published(hostPort) + "}";
    }

    private static String published(int hostPort) {
        return "[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"" + hostPort + "\"}]";
    }

    @Test
    void doesNotTakeAPortThatAnotherProgramHas() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String _ = container(
                    "ca",
                    ",\"HostConfig\":{\"PortBindings\":{\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\""
                            + taken.getLocalPort() + "\"}]}}");
            Answer refused = engine.http().post("/containers/ca/start");
            assertThat(refused.status()).isEqualTo(500);
            assertThat(refused.message())
                    .endsWith("failed to bind host port 127.0.0.1:" + taken.getLocalPort()
                            + "/tcp: address already in use");
        }
    }

    @Test
    void removesNetworksThatNobodyUses() throws IOException {
        String _ = network("{\"Name\":\"used\"}");
        String _ = network("{\"Name\":\"idle\",\"Labels\":{\"a\":\"b\"}}");
        String _ = container("ca", in("used", "{}"));
        started("ca");
        assertThat(names("{\"dangling\":[\"true\"]}")).containsExactly("idle");
        assertThat(engine.http()
                        .post("/networks/prune")
                        .json()
                        .path("NetworksDeleted")
                        .toString())
                .isEqualTo("[\"idle\"]");
        assertThat(names(CUSTOM)).containsExactly("used");
    }

    @Test
    void tellsOfConnections() throws IOException {
        try (EngineEvents.Subscription events = engine.bean(EngineEvents.class).subscribe()) {
            String _ = network("{\"Name\":\"n\"}");
            String _ = container("ca", in("n", "{}"));
            started("ca");
            stopped("ca");
            assertThat(engine.http().delete("/networks/n").status()).isEqualTo(204);
            List<String> seen = new ArrayList<>();
            while (!seen.contains("network destroy")) {
                EngineEvent event = next(events);
                seen.add(event.type() + " " + event.action());
            }
            assertThat(seen)
                    .containsSubsequence(
                            "network create",
                            "container create",
                            "network connect",
                            "container start",
                            "network disconnect",
                            "container die",
                            "network destroy");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static EngineEvent next(EngineEvents.Subscription events) throws InterruptedException {
        return events.next(5000).orElseThrow(() -> new AssertionError("no event came"));
    }

    @Test
    void writesWhereAContainerIs() throws IOException {
        String _ = network("{\"Name\":\"n\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.5.0.0/24\"}]}}");
        String id = container("ca", in("n", "{}"));
        started("ca");
        Path files = engine.dataDirectory().resolve("containers").resolve(id);
        assertThat(Files.readString(files.resolve("hosts"))).endsWith("10.5.0.2\t" + id.substring(0, 12) + "\n");
        assertThat(Files.readString(files.resolve("resolv.conf"))).contains("nameserver 127.0.0.11\n");
        stopped("ca");
        Files.writeString(files.resolve("resolv.conf"), "nameserver 10.0.0.1\n");
        started("ca");
        assertThat(Files.readString(files.resolve("resolv.conf")))
                .as("as Docker says in the file, whoever edits it keeps it")
                .isEqualTo("nameserver 10.0.0.1\n");
    }
}
