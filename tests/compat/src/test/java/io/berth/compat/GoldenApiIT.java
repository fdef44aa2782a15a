package io.berth.compat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which fields the API answers with, of which JSON type, in each version that the reference speaks; values are
 * {@link GoldenIT}'s.
 */
@CompatTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GoldenApiIT {
    private static final JsonMapper JSON = GoldenNormaliser.JSON;
    private static final List<String> VERSIONS = List.of("1.24", "1.30", "1.41", "1.44", "1.45");
    private static final String CONTAINER = "golden-api";
    private static final String ENDED = "golden-api-ended";
    private static final String NAMED = "golden-api-named";
    private static final String VOLUME = "golden-api-volume";
    private static final String NETWORK = "golden-api-network";

    /** Names of answers and the requests for them; {@code $EXEC}, {@code $SINCE}, {@code $UNTIL} are filled in. */
    private static final Map<String, String> REQUESTS = requests();

    /** Objects whose keys are data. */
    private static final List<String> MAPS = List.of(
            "Labels",
            "Volumes",
            "Networks",
            "Containers",
            "Ports",
            "Config",
            "Runtimes",
            "IndexConfigs",
            "Options",
            "Attributes");

    private final Target target;
    private final GoldenStore store = new GoldenStore();
    private final GoldenComparison comparison = new GoldenComparison(store.differences());
    private final GoldenVerdict verdict = new GoldenVerdict(store);
    private Instant began = Instant.EPOCH;

    GoldenApiIT(Target target) {
        this.target = target;
    }

    private static Map<String, String> requests() {
        Map<String, String> requests = new LinkedHashMap<>();
        requests.put("container inspect", "GET /containers/golden-api/json");
        requests.put("container inspect with size", "GET /containers/golden-api/json?size=1");
        requests.put("container inspect after its end", "GET /containers/golden-api-ended/json");
        requests.put("container list", "GET /containers/json?filters={\"name\":[\"golden-api$\"]}");
        requests.put("container list with size", "GET /containers/json?size=1&filters={\"name\":[\"golden-api$\"]}");
        requests.put("container top", "GET /containers/golden-api/top");
        requests.put("container changes", "GET /containers/golden-api/changes");
        requests.put("container stats", "GET /containers/golden-api/stats?stream=0&one-shot=1");
        requests.put("container wait", "POST /containers/golden-api-ended/wait");
        requests.put("container update", "POST /containers/golden-api/update");
        requests.put("exec inspect", "GET /exec/$EXEC/json");
        requests.put("volume list", "GET /volumes?filters={\"name\":[\"golden-api-volume\"]}");
        requests.put("volume inspect", "GET /volumes/golden-api-volume");
        requests.put("network list", "GET /networks?filters={\"name\":[\"golden-api-network\"]}");
        requests.put("network inspect", "GET /networks/golden-api-network");
        requests.put("network inspect of the default", "GET /networks/bridge");
        requests.put("network inspect of none", "GET /networks/none");
        requests.put("network error", "GET /networks/nosuch");
        requests.put("container inspect on a network", "GET /containers/golden-api-named/json");
        requests.put("container list on a network", "GET /containers/json?filters={\"name\":[\"golden-api-named\"]}");
        requests.put("info", "GET /info");
        requests.put("version", "GET /version");
        requests.put(
                "events",
                "GET /events?since=$SINCE&until=$UNTIL&filters={\"container\":[\"golden-api\"],\"event\":[\"start\"]}");
        requests.put("df", "GET /system/df");
        requests.put("error", "GET /containers/nosuch/json");
        return requests;
    }

    /** Ids of all cases, as in {@code pending.txt}. */
    static Stream<String> ids() {
        return VERSIONS.stream().flatMap(version -> REQUESTS.keySet().stream().map(name -> id(version, name)));
    }

    private static String id(String version, String name) {
        return "api/" + version + " " + name;
    }

    @BeforeAll
    void makeThings() {
        began = Instant.now().minusSeconds(1);
        removeThings();
        target.http().post("/v1.45/volumes/create", "{\"Name\":\"" + VOLUME + "\",\"Labels\":{\"a\":\"b\"}}");
        target.docker().ok("run", "-d", "--name", CONTAINER, "-l", "a=b", Target.IMAGE, "sleep", "1000");
        // Something for the sizes, and for the counters of block devices.
        target.docker().ok("exec", CONTAINER, "dd", "if=/dev/zero", "of=/x", "bs=4096", "count=1", "conv=fsync");
        target.docker().ok("run", "--name", ENDED, Target.IMAGE, "true");
        target.docker()
                .ok(
                        "network",
                        "create",
                        "--ipv6",
                        "--subnet",
                        "10.55.0.0/24",
                        "--subnet",
                        "fd00:55::/64",
                        "--label",
                        "a=b",
                        NETWORK);
        target.docker()
                .ok(
                        "run",
                        "-d",
                        "--name",
                        NAMED,
                        "--network",
                        NETWORK,
                        "--network-alias",
                        "web",
                        "--ip",
                        "10.55.0.9",
                        "-p",
                        "127.0.0.1:8088:80",
                        "--expose",
                        "81",
                        Target.IMAGE,
                        "sleep",
                        "1000");
    }

    @AfterAll
    void removeThings() {
        target.docker().run("rm", "-f", CONTAINER, ENDED, NAMED);
        target.docker().run("network", "rm", NETWORK);
        target.http().send("DELETE", "/v1.45/volumes/" + VOLUME, Map.of(), new byte[0]);
    }

    @TestFactory
    Stream<DynamicTest> answers() {
        // The reference had built nothing.
        target.docker().ok("builder", "prune", "-af");
        boolean recording = Boolean.getBoolean("golden.record");
        return VERSIONS.stream()
                .flatMap(version -> REQUESTS.entrySet().stream()
                        .map(entry -> DynamicTest.dynamicTest(id(version, entry.getKey()), () -> {
                            ObjectNode seen = answer(version, entry.getValue());
                            if (recording) {
                                ObjectNode origin = new GoldenRunner(target).origin();
                                store.record("api", version + " " + entry.getKey(), origin, seen);
                            } else {
                                compare(version, entry.getKey(), seen);
                            }
                        })));
    }

    private void compare(String version, String name, ObjectNode seen) {
        JsonNode recorded = store.recorded("api").path("recorded").path(version + " " + name);
        List<String> differences = new ArrayList<>();
        if (recorded.isMissingNode()) {
            differences.add("not recorded");
        }
        comparison.fields("", recorded, seen, differences);
        verdict.on(id(version, name), differences);
    }

    /** Status, content type and, by path, the types of all fields of an answer. */
    private ObjectNode answer(String version, String request) {
        String[] parts = request.split(" ", 2);
        String path = parts[1].replace("$SINCE", Long.toString(began.getEpochSecond()))
                .replace("$UNTIL", Long.toString(Instant.now().getEpochSecond()))
                .replace("\"", "%22")
                .replace("{", "%7B")
                .replace("}", "%7D");
        if (path.contains("$EXEC")) {
            path = path.replace("$EXEC", exec());
        }
        // A body that the daemon does not read would have it reset the connection.
        byte[] body = path.endsWith("/update") ? "{}".getBytes(StandardCharsets.UTF_8) : new byte[0];
        RawHttp.Response response =
                target.http().send(parts[0], "/v" + version + path, Map.of("Content-Type", "application/json"), body);
        ObjectNode seen = JSON.createObjectNode();
        seen.put("status", response.status());
        seen.put("content type", response.header("Content-Type"));
        Map<String, Set<String>> types = new TreeMap<>();
        if (!response.body().isBlank()) {
            // Events are several documents after one another.
            types(
                    response.lines().size() > 1 ? JSON.readTree(response.lines().getFirst()) : response.json(),
                    "",
                    types);
        }
        types.forEach((field, names) -> seen.put(field, String.join("|", names)));
        return seen;
    }

    private String exec() {
        return target.http()
                .post("/v1.45/containers/" + CONTAINER + "/exec", "{\"Cmd\":[\"true\"]}")
                .json()
                .path("Id")
                .asString();
    }

    private static void types(JsonNode node, String path, Map<String, Set<String>> types) {
        String shown = path.isEmpty() ? "." : path;
        types.computeIfAbsent(shown, key -> new TreeSet<>())
                .add(node.getNodeType().name().toLowerCase(Locale.ROOT));
        String name = path.substring(path.lastIndexOf('.') + 1);
        if (node.isObject()) {
            boolean map = MAPS.contains(name) && !path.equals(".Config");
            node.properties()
                    .forEach(entry -> types(entry.getValue(), path + "." + (map ? "*" : entry.getKey()), types));
        } else if (node.isArray()) {
            node.forEach(element -> types(element, path + "[]", types));
        }
    }
}
