package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.fixture.EngineFixture;
import io.berth.engine.fixture.RawHttp;
import io.berth.engine.fixture.RawHttp.Answer;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Each field of each operation that can name something, over HTTP and a fake kernel: what is another project's, or nobody's, is for a
 * developer as if it was not there, by name, id and prefix of an id; and what a container was given stays what it was given.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ForeignNamesTest {
    private static final String MINE = "shop";
    private static final String THEIRS = "rivals";
    /** Nobody's: an operator's. */
    private static final String NOBODYS = "";

    private static EngineFixture engine;
    private static RawHttp operator;
    private static RawHttp developer;
    private static int count;

    @BeforeAll
    static void start(@TempDir Path directory) throws IOException {
        engine = new EngineFixture(directory);
        operator = engine.http();
        developer = operator.asDeveloper(MINE);
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    /** What is named. */
    private enum Kind {
        CONTAINER,
        NETWORK,
        VOLUME,
        SECRET,
        CONFIG,
        EXEC;

        private String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A field of an operation.
     *
     * @param path with {@code %s} where something is named, if it is there
     * @param body likewise; empty for none
     * @param answers whether the answer ends by itself when the thing is the caller's
     */
    private record Field(Kind kind, String method, String path, String body, boolean answers) {
        Answer ask(RawHttp as, String reference) throws IOException {
            return as.send(
                    method,
                    path.contains("?filters=")
                            ? path.replace("%s", encoded("\"" + reference + "\""))
                            : path.replace("%s", reference),
                    body.isEmpty() ? null : body.replace("%s", reference));
        }

        boolean creates() {
            return path.contains("/containers/create");
        }

        @Override
        public String toString() {
            return method + " " + path + " " + body;
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static Field field(Kind kind, String method, String path, String body) {
        return new Field(kind, method, path, body, true);
    }

    private static Field endless(Kind kind, String method, String path) {
        return new Field(kind, method, path, "", false);
    }

    private static Field created(Kind kind, String host) {
        return field(kind, "POST", "/v1.48/containers/create", create(host));
    }

    private static String create(String host) {
        return "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"],\"Labels\":{\"io.berth.project\":\"" + MINE + "\"}," + host
                + "}";
    }

    private static String host(String field, String value) {
        return "\"HostConfig\":{\"" + field + "\":" + value + "}";
    }

    static Stream<Field> fields() {
        Kind container = Kind.CONTAINER;
        return Stream.of(
                field(container, "GET", "/containers/%s/json", ""),
                field(container, "GET", "/containers/%s/top", ""),
                endless(container, "GET", "/containers/%s/logs?stdout=1"),
                field(container, "GET", "/containers/%s/stats?stream=0&one-shot=1", ""),
                field(container, "GET", "/containers/%s/changes", ""),
                endless(container, "GET", "/containers/%s/export"),
                endless(container, "GET", "/containers/%s/archive?path=/"),
                endless(container, "HEAD", "/containers/%s/archive?path=/"),
                endless(container, "PUT", "/containers/%s/archive?path=/"),
                endless(container, "POST", "/containers/%s/attach?stdout=1&stream=1"),
                endless(container, "GET", "/containers/%s/attach/ws"),
                endless(container, "POST", "/containers/%s/wait"),
                field(container, "POST", "/containers/%s/start", ""),
                field(container, "POST", "/containers/%s/pause", ""),
                field(container, "POST", "/containers/%s/unpause", ""),
                field(container, "POST", "/containers/%s/resize?h=1&w=1", ""),
                field(container, "POST", "/containers/%s/rename?name=renamed", ""),
                field(container, "POST", "/containers/%s/update", "{\"Memory\":8000000}"),
                field(container, "POST", "/containers/%s/exec", "{\"Cmd\":[\"id\"]}"),
                field(container, "POST", "/containers/%s/restart?t=0", ""),
                field(container, "POST", "/containers/%s/kill", ""),
                field(container, "POST", "/containers/%s/stop?t=0", ""),
                field(container, "DELETE", "/containers/%s?force=1", ""),
                field(container, "POST", "/commit?container=%s", "{}"),
                field(container, "GET", "/containers/json?all=1&filters=%7B%22before%22:%5B%s%5D%7D", ""),
                field(container, "GET", "/containers/json?all=1&filters=%7B%22since%22:%5B%s%5D%7D", ""),
                created(container, host("NetworkMode", "\"container:%s\"")),
                created(container, host("PidMode", "\"container:%s\"")),
                created(container, host("IpcMode", "\"container:%s\"")),
                created(container, host("VolumesFrom", "[\"%s\"]")),
                created(container, host("VolumesFrom", "[\"%s:ro\"]")),
                created(container, host("Links", "[\"%s:alias\"]")),
                created(container, host("Links", "[\"/%s:/x/alias\"]")),
                field(Kind.EXEC, "GET", "/exec/%s/json", ""),
                field(Kind.EXEC, "POST", "/exec/%s/resize?h=1&w=1", ""),
                field(Kind.EXEC, "POST", "/exec/%s/start", "{\"Detach\":true}"),
                endless(Kind.EXEC, "GET", "/berth/exec/%s/ws"),
                field(Kind.NETWORK, "GET", "/networks/%s", ""),
                field(Kind.NETWORK, "POST", "/networks/%s/connect", "{\"Container\":\"mine\"}"),
                field(Kind.NETWORK, "POST", "/networks/%s/disconnect", "{\"Container\":\"mine\"}"),
                field(Kind.NETWORK, "DELETE", "/networks/%s", ""),
                field(container, "POST", "/networks/mine/connect", "{\"Container\":\"%s\"}"),
                field(container, "POST", "/networks/mine/disconnect", "{\"Container\":\"%s\"}"),
                created(Kind.NETWORK, host("NetworkMode", "\"%s\"")),
                created(
                        Kind.NETWORK,
                        host("NetworkMode", "\"bridge\"")
                                + ",\"NetworkingConfig\":{\"EndpointsConfig\":{\"bridge\":{},\"%s\":{}}}"),
                field(Kind.VOLUME, "GET", "/volumes/%s", ""),
                field(Kind.VOLUME, "DELETE", "/volumes/%s", ""),
                field(Kind.VOLUME, "POST", "/volumes/create", "{\"Name\":\"%s\"}"),
                created(Kind.VOLUME, host("Binds", "[\"%s:/data\"]")),
                created(Kind.VOLUME, host("Mounts", "[{\"Type\":\"volume\",\"Source\":\"%s\",\"Target\":\"/d\"}]")),
                field(Kind.SECRET, "GET", "/secrets/%s", ""),
                field(Kind.SECRET, "POST", "/secrets/%s/update?version=1", "{\"Labels\":{}}"),
                field(Kind.SECRET, "DELETE", "/secrets/%s", ""),
                field(Kind.CONFIG, "GET", "/configs/%s", ""),
                field(Kind.CONFIG, "DELETE", "/configs/%s", ""),
                created(Kind.SECRET, host("Annotations", "{\"io.berth.secret.%s\":\"\"}")),
                created(Kind.CONFIG, host("Annotations", "{\"io.berth.config.%s\":\"/c\"}")));
    }

    /** Something that exists: a running container, or what else it is. */
    private record Made(Kind kind, String name, String id) {}

    private static Made make(Kind kind, String name, String project) throws IOException {
        String labels = project.isEmpty() ? "{}" : "{\"io.berth.project\":\"" + project + "\"}";
        return switch (kind) {
            case CONTAINER -> {
                Answer made = operator.post(
                        "/v1.48/containers/create?name=" + name,
                        "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"],\"HostConfig\":{\"IpcMode\":\"shareable\"},\"Labels\":"
                                + labels + "}");
                assertThat(made.status()).as(made.text()).isEqualTo(201);
                assertThat(operator.post("/containers/" + name + "/start").status())
                        .isEqualTo(204);
                yield new Made(kind, name, made.json().path("Id").asString());
            }
            case EXEC -> {
                Made in = make(Kind.CONTAINER, name, project);
                Answer exec =
                        operator.post("/containers/" + in.id() + "/exec", "{\"Cmd\":[\"id\"],\"AttachStdin\":true}");
                String id = exec.json().path("Id").asString();
                yield new Made(kind, id, id);
            }
            case NETWORK ->
                new Made(
                        kind,
                        name,
                        operator.post("/networks/create", "{\"Name\":\"" + name + "\",\"Labels\":" + labels + "}")
                                .json()
                                .path("Id")
                                .asString());
            case VOLUME -> {
                Answer made = operator.post("/volumes/create", "{\"Name\":\"" + name + "\",\"Labels\":" + labels + "}");
                assertThat(made.status()).isEqualTo(201);
                yield new Made(kind, name, name);
            }
            case SECRET, CONFIG ->
                new Made(
                        kind,
                        name,
                        operator.post(
                                        "/" + kind.text() + "s/create",
                                        "{\"Name\":\"" + name + "\",\"Labels\":" + labels + ",\"Data\":\"aGFsbG8=\"}")
                                .json()
                                .path("ID")
                                .asString());
        };
    }

    private static void clear() throws IOException {
        for (JsonNode one : operator.get("/containers/json?all=1").json()) {
            assertThat(operator.delete("/containers/" + one.path("Id").asString() + "?force=1&v=1")
                            .status())
                    .isEqualTo(204);
        }
        for (JsonNode one : operator.get("/networks?filters=" + encoded("{\"type\":[\"custom\"]}"))
                .json()) {
            operator.delete("/networks/" + one.path("Id").asString());
        }
        for (JsonNode one : operator.get("/volumes").json().path("Volumes")) {
            operator.delete("/volumes/" + one.path("Name").asString());
        }
        for (String section : List.of("secrets", "configs")) {
            for (JsonNode one : operator.get("/" + section).json()) {
                operator.delete("/" + section + "/" + one.path("ID").asString());
            }
        }
    }

    private static void surroundings() throws IOException {
        clear();
        Made mine = make(Kind.CONTAINER, "mine", MINE);
        stop(mine.id());
        Made _ = make(Kind.NETWORK, "mine", MINE);
    }

    private static void stop(String container) throws IOException {
        assertThat(operator.post("/containers/" + container + "/kill").status()).isEqualTo(204);
        assertThat(operator.post("/containers/" + container + "/wait").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @MethodSource("fields")
    void whatIsTheCallersIsThere(Field field) throws IOException {
        if (!field.answers()) {
            return;
        }
        for (boolean byId : new boolean[] {false, true}) {
            if (byId && (field.body().contains("Annotations") || field.body().contains("/%s"))) {
                continue; // no id can stand there
            }
            surroundings();
            Made own = make(field.kind(), "own-one", MINE);
            if (field.path().startsWith("/networks/mine/")) {
                stop(own.id());
            }
            if (field.path().endsWith("/disconnect")) {
                assertThat(field.ask(developer, byId ? own.id() : own.name()).message())
                        .contains("is not connected to");
                continue;
            }
            Answer answer = field.ask(developer, byId ? own.id() : own.name());
            assertThat(answer.status()).as("%s: %s", field, answer.text()).isNotIn(403, 404, 500);
            if (field.creates()) {
                assertThat(answer.status()).as(answer.text()).isEqualTo(201);
                Answer started =
                        developer.post("/containers/" + answer.json().path("Id").asString() + "/start");
                assertThat(started.status()).as(started.text()).isEqualTo(204);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("fields")
    void whatIsNotTheCallersIsAsIfItWasNotThere(Field field) throws IOException {
        for (String project : List.of(THEIRS, NOBODYS)) {
            surroundings();
            Made foreign = make(field.kind(), "foreign-one", project);
            String missing = "f".repeat(foreign.id().length());
            for (String reference : Set.copyOf(List.of(
                    foreign.name(),
                    foreign.id(),
                    foreign.id().substring(0, Math.min(12, foreign.id().length()))))) {
                if (field.kind() == Kind.VOLUME && !field.path().contains("%s")) {
                    // Volumes are made where there are none, and their names are everybody's.
                    assertTaken(field, foreign.name());
                    continue;
                }
                Answer answer = field.ask(developer, reference);
                Answer none = field.ask(developer, missing.substring(0, reference.length()));
                assertThat(answer.status())
                        .as("%s by %s: %s", field, reference, answer.text())
                        .isIn(400, field.path().endsWith("/disconnect") ? 403 : 404, 404);
                assertThat(answer.text().replace(reference, "…"))
                        .as("%s by %s", field, reference)
                        .isEqualTo(none.text().replace(missing.substring(0, reference.length()), "…"));
            }
        }
    }

    private static void assertTaken(Field field, String name) throws IOException {
        Answer answer = field.ask(developer, name);
        assertThat(answer.status()).as(answer.text()).isEqualTo(403);
        assertThat(answer.message()).isEqualTo("the volume name is taken by another project: " + name);
    }

    /** The attack without a race: the name is the first digits of the other network's id. */
    @Test
    void aNetworkThatIsGoneIsNotOneWhoseIdBeginsWithItsName() throws IOException {
        clear();
        Made foreign = make(Kind.NETWORK, "foreign-one", THEIRS);
        String name = foreign.id().substring(0, 2);
        for (String host : List.of(
                host("NetworkMode", "\"" + name + "\""),
                host("NetworkMode", "\"bridge\"") + ",\"NetworkingConfig\":{\"EndpointsConfig\":{\"" + name
                        + "\":{}}}")) {
            Made own = make(Kind.NETWORK, name, MINE);
            Answer made = developer.post("/v1.48/containers/create", create(host));
            assertThat(made.status()).as(made.text()).isEqualTo(201);
            assertThat(developer.delete("/networks/" + name).status()).isEqualTo(204);

            Answer started =
                    developer.post("/containers/" + made.json().path("Id").asString() + "/start");

            assertThat(started.status()).isEqualTo(404);
            assertThat(started.message()).isEqualTo("network " + own.id() + " not found");
            assertThat(operator.get("/networks/" + foreign.id()).json().path("Containers"))
                    .isEmpty();
        }
    }

    static Stream<Field> fieldsThatAreKept() {
        return fields().filter(field -> field.creates() || field.body().equals("{\"Container\":\"mine\"}"));
    }

    @ParameterizedTest
    @MethodSource("fieldsThatAreKept")
    void whoeverGetsANameLaterIsNotWhatTheContainerWasGiven(Field field) throws IOException {
        if (field.path().contains("disconnect")) {
            return; // it names what is no longer wanted
        }
        surroundings();
        Made own = make(field.kind(), "passed-on", MINE);
        Answer asked = field.ask(developer, own.name());
        assertThat(asked.status()).as(asked.text()).isIn(200, 201);
        String container = field.creates() ? asked.json().path("Id").asString() : "mine";

        String section = field.kind().text() + "s/";
        Answer removed = operator.delete("/" + section + "passed-on?force=1");
        if (removed.status() / 100 != 2) {
            // What a container has is not removed, so that its name cannot become another's.
            assertThat(field.kind()).isIn(Kind.VOLUME, Kind.SECRET, Kind.CONFIG);
            return;
        }
        Made foreign = make(field.kind(), "passed-on", THEIRS);
        Answer started = developer.post("/containers/" + container + "/start");

        String kept = operator.get("/containers/" + container + "/json").text();
        assertThat(kept).doesNotContain(foreign.id());
        if (field.kind() == Kind.NETWORK) {
            assertThat(started.status()).isEqualTo(404);
            assertThat(started.message()).isEqualTo("network " + own.id() + " not found");
            assertThat(operator.get("/networks/" + foreign.id()).json().path("Containers"))
                    .isEmpty();
        } else if (field.body().contains("Mode")) {
            assertThat(started.status()).as(started.text()).isEqualTo(404);
            assertThat(started.message()).isEqualTo("No such container: " + own.id());
        } else {
            // Volumes were taken over at creation; a link to nobody is none.
            assertThat(started.status()).as(started.text()).isEqualTo(204);
            assertThat(Files.readString(engine.dataDirectory()
                            .resolve("containers")
                            .resolve(container)
                            .resolve("hosts")))
                    .doesNotContain("alias");
        }
    }

    @Test
    void anExactNameWinsOverAPrefixAndOthersDoNotMakeAPrefixAmbiguous() throws IOException {
        clear();
        Made own = make(Kind.CONTAINER, "own-one", MINE);
        String digit = own.id().substring(0, 1);
        Made foreign = make(Kind.CONTAINER, "foreign-0", THEIRS);
        for (int i = 1; !foreign.id().startsWith(digit); i++) {
            foreign = make(Kind.CONTAINER, "foreign-" + i, THEIRS);
        }
        assertThat(developer
                        .get("/containers/" + digit + "/json")
                        .json()
                        .path("Id")
                        .asString())
                .isEqualTo(own.id());
        assertThat(operator.get("/containers/" + digit + "/json").status()).isEqualTo(400);
        Made named = make(Kind.CONTAINER, own.id().substring(0, 12), MINE);
        assertThat(developer
                        .get("/containers/" + named.name() + "/json")
                        .json()
                        .path("Id")
                        .asString())
                .isEqualTo(named.id());
    }

    @Test
    void whoHasANameIsToldToThoseWhoMayKnow() throws IOException {
        clear();
        Made foreign = make(Kind.CONTAINER, "foreign-one", THEIRS);
        Made own = make(Kind.CONTAINER, "own-one", MINE);
        for (String path : List.of("/containers/create?name=%s", "/containers/own-one/rename?name=%s")) {
            Answer answer = developer.post(path.replace("%s", "foreign-one"), create(host("Memory", "0")));
            assertThat(answer.status()).isEqualTo(409);
            assertThat(answer.message())
                    .endsWith(
                            "Conflict. The container name \"/foreign-one\" is already in use. You have to choose another name.");
            assertThat(operator.post(path.replace("%s", "foreign-one"), create(host("Memory", "0")))
                            .message())
                    .contains(foreign.id());
        }
        assertThat(developer
                        .post("/containers/create?name=own-one", create(host("Memory", "0")))
                        .message())
                .contains(own.id());
    }

    /**
     * Random requests while names change hands. {@code -Dfuzz.cases=1000000 -Dfuzz.seed=N} for a long run; the seed of a run is in the
     * message of what fails.
     */
    @Test
    @Timeout(value = 24, unit = TimeUnit.HOURS)
    void whateverADeveloperAsksNothingOfOthersIsMeant() throws IOException {
        int cases = Integer.getInteger("fuzz.cases", 1_000);
        long seed = Long.getLong("fuzz.seed", System.nanoTime());
        Random random = new Random(seed);
        List<Field> all = fields().filter(Field::answers).toList();
        List<Made> foreign = new ArrayList<>();
        List<Made> own = new ArrayList<>();
        for (int i = 0; i < cases; i++) {
            if (i % 50 == 0) {
                foreign.clear();
                own.clear();
                surroundings();
                for (Kind kind : Kind.values()) {
                    foreign.add(make(kind, "foreign-" + kind.text(), random.nextBoolean() ? THEIRS : NOBODYS));
                    own.add(make(kind, "own-" + kind.text(), MINE));
                }
            }
            Field field = all.get(random.nextInt(all.size()));
            String reference = reference(random, foreign, own);
            Answer answer = field.ask(developer, reference);
            String what = "seed " + seed + ", case " + i + ": " + field + " by " + reference + ": " + answer.text();
            assertThat(answer.status()).as(what).isNotEqualTo(500);
            for (Made one : foreign) {
                // An answer may repeat what was asked, and nothing more of what is others'.
                if (!reference.contains(one.id())) {
                    assertThat(answer.text()).as(what).doesNotContain(one.id() + "\"");
                }
            }
            if (field.creates() && answer.status() == 201) {
                String id = answer.json().path("Id").asString();
                Answer _ = developer.post("/containers/" + id + "/start");
                namesNothingOf(foreign, id, what);
            }
        }
    }

    private static String reference(Random random, List<Made> foreign, List<Made> own) {
        Made one = (random.nextInt(4) == 0 ? own : foreign).get(random.nextInt(own.size()));
        String id = one.id();
        return switch (random.nextInt(6)) {
            case 0 -> id;
            case 1 -> id.substring(0, 1 + random.nextInt(id.length()));
            case 2 -> one.name().substring(0, 1 + random.nextInt(one.name().length()));
            case 3 -> one.name().toUpperCase(Locale.ROOT);
            case 4 -> Integer.toHexString(random.nextInt(256));
            default -> one.name();
        };
    }

    private static void namesNothingOf(List<Made> foreign, String container, String what) throws IOException {
        JsonNode kept = operator.get("/containers/" + container + "/json").json();
        for (Made one : foreign) {
            for (String mode : List.of("NetworkMode", "PidMode", "IpcMode")) {
                assertThat(kept.path("HostConfig").path(mode).asString(""))
                        .as(what)
                        .isNotEqualTo("container:" + one.id());
            }
            for (JsonNode network : kept.path("NetworkSettings").path("Networks")) {
                assertThat(network.path("NetworkID").asString()).as(what).isNotEqualTo(one.id());
            }
            // A new volume may be called as anything else is.
            if (one.kind() == Kind.VOLUME) {
                for (JsonNode mount : kept.path("Mounts")) {
                    assertThat(mount.path("Name").asString()).as(what).isNotEqualTo(one.id());
                }
            }
        }
    }

    @Test
    void listsAndPrunesAreOfTheCallersOwn() throws IOException {
        clear();
        for (String project : List.of(MINE, THEIRS)) {
            for (Kind kind : List.of(Kind.CONTAINER, Kind.NETWORK, Kind.VOLUME, Kind.SECRET, Kind.CONFIG)) {
                Made _ = make(kind, project + "-" + count++, project);
            }
        }
        for (String list : List.of("/containers/json?all=1", "/networks", "/volumes", "/secrets", "/configs")) {
            assertThat(developer.get(list).text()).contains(MINE).doesNotContain(THEIRS);
        }
        for (JsonNode running : operator.get("/containers/json").json()) {
            stop(running.path("Id").asString());
        }
        for (String prune : List.of("/containers/prune", "/networks/prune", "/v1.41/volumes/prune")) {
            assertThat(developer.post(prune).status()).isEqualTo(200);
        }
        assertThat(operator.get("/containers/json?all=1").json()).hasSize(1);
        assertThat(operator.get("/networks?filters=" + encoded("{\"type\":[\"custom\"]}"))
                        .json())
                .hasSize(1);
        assertThat(operator.get("/volumes").json().path("Volumes")).hasSize(1);
    }
}
