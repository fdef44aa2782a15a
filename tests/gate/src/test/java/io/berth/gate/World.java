package io.berth.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.docker.container.HostConfig;
import io.berth.engine.container.ContainerSpec;
import io.berth.engine.container.Containers;
import io.berth.engine.fixture.EngineFixture;
import io.berth.engine.fixture.RawHttp;
import io.berth.engine.fixture.RawHttp.Answer;
import io.berth.gate.Thing.Kind;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * What an engine has of a developer's project, of another project and of operators, as an operator sees it who asks the
 * engine itself. Others' things are made once and must stay as they are; the developer's are made anew. For one thread.
 */
final class World {
    static final String MINE = "shop";
    static final String THEIRS = "rivals";
    /** One that the engine has, with the other project's label. */
    static final String FOREIGN_IMAGE = "busybox:theirs";

    /** In the labels of all that is others', and never asked for. */
    private static final String MARK = "told-to-nobody";

    private static final List<String> LISTS = List.of("containers", "networks", "volumes", "secrets", "configs");

    private final EngineFixture engine;
    private final RawHttp operator;
    private final long began = System.currentTimeMillis() / 1000;
    private final List<Thing> foreign = new ArrayList<>();
    private final List<Thing> own = new ArrayList<>();
    /** What each of the others' things was when it was made, by its path. */
    private final Map<String, String> untouched = new HashMap<>();

    /** What there is besides the developer's, by lists: a volume may be called as another thing's id. */
    private final Map<String, Set<String>> platforms = new HashMap<>();

    private final Set<String> addresses = new HashSet<>();

    World(EngineFixture engine) throws IOException {
        this.engine = engine;
        this.operator = engine.http();
        for (String project : List.of(THEIRS, "")) {
            String prefix = project.isEmpty() ? "ops" : project;
            for (Kind kind : Kind.values()) {
                foreign.add(make(kind, prefix + "-" + kind.section(), project));
            }
        }
        for (Thing thing : foreign) {
            untouched.put(thing.path(), seen(thing));
            if (thing.kind() == Kind.CONTAINER) {
                for (JsonNode network :
                        inspect(thing.id()).path("NetworkSettings").path("Networks")) {
                    addresses.add(network.path("IPAddress").asString());
                }
            }
        }
        for (String list : LISTS) {
            platforms.put(list, ids(list));
        }
    }

    List<Thing> foreign() {
        return foreign;
    }

    List<Thing> own() {
        return own;
    }

    List<Thing> own(Kind kind) {
        return own.stream().filter(thing -> thing.kind() == kind).toList();
    }

    /** In seconds since 1970. */
    long began() {
        return began;
    }

    /** Makes the developer's things anew; some are called as the ids of others' begin. */
    void renew() throws IOException {
        own.clear();
        for (String list : LISTS) {
            for (String id : ids(list)) {
                if (!others(list).contains(id)) {
                    Answer removed = operator.delete("/" + list + "/" + id + "?force=1&v=1");
                    assertThat(removed.status())
                            .as("%s %s: %s", list, id, removed.text())
                            .isIn(204, 404);
                }
            }
        }
        for (Kind kind : Kind.values()) {
            own.add(make(kind, "mine-" + kind.section(), MINE));
        }
        for (Kind kind : List.of(Kind.CONTAINER, Kind.NETWORK)) {
            Thing other = foreign.stream()
                    .filter(thing -> thing.kind() == kind)
                    .findFirst()
                    .orElseThrow();
            own.add(make(kind, other.id().substring(0, kind == Kind.NETWORK ? 2 : 12), MINE));
        }
        // A process of the fake kernel has no namespace that a network could be connected to: these are connected
        // without one.
        for (Thing thing : own(Kind.CONTAINER)) {
            if (!thing.name().startsWith("mine-exec")) {
                Answer killed = operator.post("/containers/" + thing.id() + "/kill");
                assertThat(killed.status()).isEqualTo(204);
                assertThat(operator.post("/containers/" + thing.id() + "/wait").status())
                        .isEqualTo(200);
            }
        }
    }

    private Thing make(Kind kind, String name, String project) throws IOException {
        boolean mine = project.equals(MINE);
        String labels = "{" + (project.isEmpty() ? "" : "\"io.berth.project\":\"" + project + "\",") + "\"tell\":\""
                + (mine ? "all" : MARK) + "\"}";
        String named = "{\"Name\":\"" + name + "\",\"Labels\":" + labels + ",\"Data\":\"aGFsbG8=\"}";
        return switch (kind) {
            case CONTAINER -> {
                // With something that others could take over.
                Thing held = make(Kind.VOLUME, name + "-held", project);
                (mine ? own : foreign).add(held);
                String id = done(operator.post(
                                "/v1.48/containers/create?name=" + name,
                                "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"],\"HostConfig\":{\"IpcMode\":\"shareable\","
                                        + "\"Binds\":[\"" + held.name() + ":/held\"]},\"Labels\":" + labels + "}"))
                        .path("Id")
                        .asString();
                assertThat(operator.post("/containers/" + id + "/start").status())
                        .isEqualTo(204);
                yield new Thing(kind, name, id, mine);
            }
            case EXEC -> {
                Thing in = make(Kind.CONTAINER, name, project);
                (mine ? own : foreign).add(in);
                String id = done(operator.post(
                                "/containers/" + in.id() + "/exec", "{\"Cmd\":[\"id\"],\"AttachStdin\":true}"))
                        .path("Id")
                        .asString();
                yield new Thing(kind, id, id, mine);
            }
            case VOLUME -> {
                JsonNode _ = done(operator.post("/volumes/create", named));
                yield new Thing(kind, name, name, mine);
            }
            case NETWORK, SECRET, CONFIG -> {
                JsonNode made = done(operator.post("/" + kind.section() + "/create", named));
                yield new Thing(
                        kind,
                        name,
                        made.path(kind == Kind.NETWORK ? "Id" : "ID").asString(),
                        mine);
            }
        };
    }

    private static JsonNode done(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return answer.json();
    }

    private Set<String> ids(String list) throws IOException {
        JsonNode all = operator.get("/" + list + (list.equals("containers") ? "/json?all=1" : ""))
                .json();
        Set<String> ids = new HashSet<>();
        for (JsonNode one : list.equals("volumes") ? all.path("Volumes") : all) {
            ids.add(one.path(list.equals("volumes") ? "Name" : list.matches("secrets|configs") ? "ID" : "Id")
                    .asString());
        }
        return ids;
    }

    private Set<String> others(String list) {
        return platforms.getOrDefault(list, Set.of());
    }

    private JsonNode inspect(String container) throws IOException {
        return operator.get("/containers/" + container + "/json").json();
    }

    private String seen(Thing thing) throws IOException {
        Answer answer = operator.get(thing.path());
        return answer.status() + " " + answer.text();
    }

    /** Everything of others' is as it was made: nobody has joined, ended, renamed or removed anything of it. */
    void isUntouched(String what) throws IOException {
        for (Thing thing : foreign) {
            assertThat(seen(thing)).as(what).isEqualTo(untouched.get(thing.path()));
        }
    }

    /**
     * An answer tells nothing of what is others', but for words that were the developer's own.
     *
     * @param said all of the developer's words that things may have kept
     */
    void isNotTold(String answer, String said, String what) {
        assertThat(answer).as(what).doesNotContain(MARK);
        for (Thing thing : foreign) {
            // As lists in a terminal show it; a volume has its name only.
            String brief = thing.kind() == Kind.VOLUME ? thing.id() : thing.id().substring(0, 12);
            boolean whole = answer.contains(thing.id()) && !said.contains(thing.id());
            for (String word : List.of(thing.name(), brief)) {
                // The developer's own may have it for their name, too.
                boolean named = own.stream().anyMatch(one -> one.name().equals(word));
                if (whole || !(named || said.contains(word))) {
                    assertThat(answer).as(what).doesNotContain(word);
                }
            }
        }
    }

    /** What a container was given is the project's, or everybody's; so is what the kernel is told at its start. */
    void isOfTheProject(String container, String what) throws IOException {
        JsonNode made = inspect(container);
        assertThat(made.path("Config").path("Labels").path("io.berth.project").asString(""))
                .as(what)
                .isEqualTo(MINE);
        assertThat(made.path("Config").path("Image").asString("")).as(what).isNotEqualTo(FOREIGN_IMAGE);
        for (String mode : List.of("NetworkMode", "PidMode", "IpcMode", "UTSMode", "UsernsMode", "CgroupnsMode")) {
            assertThat(made.path("HostConfig").path(mode).asString("")).as(what).isNotIn("host", "Host", "HOST");
        }
        for (JsonNode mount : made.path("Mounts")) {
            assertThat(mount.path("Type").asString()).as(what).isNotIn("bind", "image");
        }
        // What its words were taken for, and it will be started with.
        ContainerSpec spec =
                engine.bean(Containers.class).find(container).snapshot().spec();
        HostConfig host = spec.hostConfig();
        List<String> modes = List.of(host.networkMode(), host.pidMode(), host.ipcMode());
        String given = spec.given() + " " + spec.secretIds() + " " + modes;
        for (Thing thing : foreign) {
            if (thing.kind() != Kind.VOLUME) {
                assertThat(given).as(what).doesNotContainPattern("[=:]" + thing.id());
            }
        }
        engine.kernel().lastLaunch = null;
        Answer started = operator.post("/containers/" + container + "/start");
        assertThat(started.status()).as("%s, started: %s", what, started.text()).isLessThan(500);
        if (engine.kernel().lastLaunch == null) {
            return;
        }
        String told = engine.kernel().lastLaunch.toString();
        JsonNode running = inspect(container);
        for (Thing thing : foreign) {
            for (JsonNode network : running.path("NetworkSettings").path("Networks")) {
                assertThat(network.path("NetworkID").asString()).as(what).isNotEqualTo(thing.id());
            }
            if (thing.kind() == Kind.VOLUME) {
                for (JsonNode mount : running.path("Mounts")) {
                    assertThat(mount.path("Name").asString("")).as(what).isNotEqualTo(thing.id());
                }
            }
            // Where the engine keeps it: below its data directory, or as whose namespace it is.
            for (String place : List.of(thing.kind().section() + "/" + thing.id(), "id=" + thing.id())) {
                assertThat(told).as(what).doesNotContainPattern(Pattern.quote(place) + "(?![a-zA-Z0-9_.-])");
            }
        }
        Path hosts =
                engine.dataDirectory().resolve("containers").resolve(container).resolve("hosts");
        if (Files.exists(hosts)) {
            for (String line : Files.readAllLines(hosts)) {
                assertThat(line.split("\\s", 2)[0]).as(what).isNotIn(addresses);
            }
        }
    }

    /** All that there is more than at first is the project's. */
    void hasNothingOfNobodys(String what) throws IOException {
        String mine = URLEncoder.encode("{\"label\":[\"io.berth.project=" + MINE + "\"]}", StandardCharsets.UTF_8);
        for (String list : LISTS) {
            Set<String> all = ids(list);
            all.removeAll(others(list));
            String filtered = list.equals("containers") ? "/containers/json?all=1&filters=" : "/" + list + "?filters=";
            String owned = operator.get(filtered + mine).text();
            for (String id : all) {
                assertThat(owned).as(what).contains("\"" + id + "\"");
            }
        }
    }
}
