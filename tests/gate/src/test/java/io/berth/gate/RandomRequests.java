package io.berth.gate;

import io.berth.gate.Thing.Kind;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes requests that name things, in whatever way a name can be written. For one thread; lives for some cases. */
final class RandomRequests {
    private static final List<String> LOOKS = List.of("json", "top", "changes", "stats?stream=0&one-shot=1");
    private static final List<String> ENDLESS = List.of(
            "GET /containers/%s/logs?stdout=1&follow=1",
            "GET /containers/%s/export",
            "GET /containers/%s/archive?path=/",
            "PUT /containers/%s/archive?path=/",
            "POST /containers/%s/attach?stream=1&stdout=1",
            "GET /containers/%s/attach/ws",
            "POST /containers/%s/wait",
            "GET /berth/exec/%s/ws");
    private static final List<String> ACTS = List.of(
            "start",
            "kill",
            "stop?t=0",
            "restart?t=0",
            "pause",
            "unpause",
            "resize?h=1&w=1",
            "rename?name=%s",
            "update",
            "exec");
    private static final List<String> FILTERS = List.of(
            "name",
            "id",
            "label",
            "volume",
            "network",
            "ancestor",
            "before",
            "since",
            "status",
            "driver",
            "dangling",
            "container",
            "label!",
            "until");

    private final Random random;
    private final World world;

    RandomRequests(Random random, World world) {
        this.random = random;
        this.world = world;
    }

    Request next() {
        return switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5, 6 -> create();
            case 7, 8 -> container();
            case 9, 10 -> connection();
            case 11, 12 -> list();
            case 13 -> thing(any(Kind.NETWORK, Kind.VOLUME, Kind.SECRET, Kind.CONFIG));
            case 14 -> exec();
            case 15 -> commit();
            case 16 -> prune();
            case 17 -> endless();
            default -> made();
        };
    }

    // ------------------------------------------------------------ names

    @SafeVarargs
    private <T> T any(T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private <T> T any(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private boolean one(int in) {
        return random.nextInt(in) == 0;
    }

    /** A thing, mostly of the kind that is asked for and mostly another's. */
    private Thing target(Kind kind) {
        List<Thing> among = one(4) ? world.own() : world.foreign();
        List<Thing> fitting = one(10)
                ? among
                : among.stream().filter(thing -> thing.kind() == kind).toList();
        return any(fitting);
    }

    private String reference(Kind kind) {
        return spelled(target(kind));
    }

    private String spelled(Thing thing) {
        String id = thing.id();
        String name = thing.name();
        return switch (random.nextInt(18)) {
            case 0, 1, 2 -> id;
            case 3, 4 -> id.substring(0, Math.min(12, id.length()));
            case 5, 6 -> id.substring(0, 1 + random.nextInt(Math.min(6, id.length())));
            case 7 -> id.substring(0, 1 + random.nextInt(id.length()));
            case 8 -> id.toUpperCase(Locale.ROOT);
            case 9 -> name.toUpperCase(Locale.ROOT);
            case 10 -> name.substring(0, 1 + random.nextInt(name.length()));
            case 11 -> any("/", "//", "./", "../", " ", "\t", "\u0000", "\ufeff", "x/../") + name;
            case 12 -> name + any("/", " ", "\n", "\u0000", ".", "%00", "/.", "?", "#", ";x=1", "\u200b", ":ro");
            case 13 -> any("../" + thing.kind().section() + "/" + id, "..", ".", "", "*", "%", "sha256:" + id);
            default -> name;
        };
    }

    /** A text as it stands in a path or query. */
    private String escaped(String text) {
        String once = URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
        if (one(20) && !once.isEmpty() && once.charAt(0) != '%') {
            once = "%" + Integer.toHexString(once.charAt(0)) + once.substring(1);
        }
        return switch (random.nextInt(24)) {
            case 0 -> once.replace("%2F", "/");
            case 1 -> once.replace("%", "%25");
            case 2 -> once.replace("%2F", "%2f").replace(".", "%2e");
            default -> once;
        };
    }

    private String version() {
        return any("", "", "/v1.41", "/v1.48", "/v1.44");
    }

    private Request ask(String method, String path, String body) {
        return new Request(method, version() + path, body, true);
    }

    // ------------------------------------------------------------ bodies

    private static ObjectNode object() {
        return JsonMapper.shared().createObjectNode();
    }

    /** The JSON, at times with other spellings of its fields, or a field twice. */
    private String written(ObjectNode body) {
        String text = body.toString();
        if (one(12)) {
            String field = any(
                    "HostConfig",
                    "Binds",
                    "Mounts",
                    "VolumesFrom",
                    "Links",
                    "NetworkMode",
                    "PidMode",
                    "Source",
                    "IpcMode",
                    "NetworkingConfig",
                    "EndpointsConfig",
                    "Labels",
                    "Container",
                    "Name",
                    "Annotations",
                    "Type");
            text = text.replace("\"" + field + "\":", "\"" + miswritten(field) + "\":");
        }
        if (one(25) && !body.isEmpty()) {
            String field = any(List.copyOf(body.propertyNames()));
            text = "{\"" + miswritten(field) + "\":" + body.get(field) + "," + text.substring(1);
        }
        return text;
    }

    private String miswritten(String field) {
        return switch (random.nextInt(5)) {
            case 0 -> field.toUpperCase(Locale.ROOT);
            case 1 -> field.toLowerCase(Locale.ROOT);
            case 2 -> field.substring(0, 1).toLowerCase(Locale.ROOT) + field.substring(1);
            case 3 -> "\\u00" + Integer.toHexString(field.charAt(0)) + field.substring(1);
            default -> field;
        };
    }

    private ObjectNode labels() {
        ObjectNode labels = object().put("kept", "yes");
        if (one(6)) {
            labels.put(
                    any("io.berth.project", "IO.BERTH.PROJECT", "io.berth.project ", "io.berth.owner", "berth.userns"),
                    any(World.THEIRS, "", World.MINE, World.MINE + "," + World.THEIRS));
        }
        return labels;
    }

    private ArrayNode list(String... texts) {
        ArrayNode list = JsonMapper.shared().createArrayNode();
        for (String text : texts) {
            list.add(text);
        }
        return list;
    }

    private ObjectNode endpoint() {
        ObjectNode endpoint = object();
        if (one(4)) {
            endpoint.put("NetworkID", reference(Kind.NETWORK));
        }
        if (one(4)) {
            endpoint.set("Links", list(reference(Kind.CONTAINER) + any(":alias", "")));
        }
        if (one(6)) {
            endpoint.set("Aliases", list(reference(Kind.CONTAINER)));
        }
        if (one(8)) {
            endpoint.put("EndpointID", reference(Kind.NETWORK));
        }
        if (one(10)) {
            endpoint.set("DriverOpts", object().put("container", reference(Kind.CONTAINER)));
        }
        return endpoint;
    }

    private String image() {
        return one(10)
                ? any(World.FOREIGN_IMAGE, World.THEIRS + "/app:1", "busybox@" + "sha256:" + "cd".repeat(32))
                : "busybox";
    }

    private Request create() {
        ObjectNode body = object().put("Image", image());
        body.set("Cmd", list("sleep"));
        if (!one(3)) {
            body.set("Labels", labels());
        }
        ObjectNode host = object();
        // Few at once: the first that is refused hides what comes after it.
        for (int fields = 1 + random.nextInt(2); fields > 0; fields--) {
            name(body, host);
        }
        if (!host.isEmpty()) {
            body.set("HostConfig", host);
        }
        String name = one(4) ? "?name=" + escaped(reference(any(Kind.values()))) : "";
        return ask("POST", "/containers/create" + name, written(body));
    }

    /** Has one field of a container name something. */
    private void name(ObjectNode body, ObjectNode host) {
        switch (random.nextInt(13)) {
            case 0 -> host.set("Binds", list(bind()));
            case 1 -> host.set("Mounts", JsonMapper.shared().createArrayNode().add(mount()));
            case 2 -> host.set("VolumesFrom", list(reference(Kind.CONTAINER) + any("", ":ro", ":rw", ":z", ":ro:rw")));
            case 3 ->
                host.set("Links", list(any("", "/") + reference(Kind.CONTAINER) + any("", ":alias", ":/x/alias")));
            case 4 -> host.put("NetworkMode", mode(reference(Kind.NETWORK)));
            case 5 -> host.put("PidMode", mode("host"));
            case 6 -> host.put("IpcMode", mode("shareable"));
            case 7, 8 -> {
                ObjectNode endpoints = object();
                endpoints.set(reference(Kind.NETWORK), endpoint());
                if (one(3)) {
                    endpoints.set(any("bridge", "default", "host", reference(Kind.NETWORK)), endpoint());
                }
                body.set("NetworkingConfig", object().set("EndpointsConfig", endpoints));
            }
            case 9 -> host.set("Annotations", object().put(annotation(), any("", "/s", "/s,mode=0400", "/s,uid=0")));
            case 10 -> body.set("Volumes", object().set(any("/v", reference(Kind.VOLUME) + ":/v"), object()));
            case 11 -> body.set("Labels", labels().put(annotation(), reference(Kind.SECRET)));
            default -> {
                host.put("VolumeDriver", any("", "local", reference(Kind.VOLUME)));
                host.set("ExtraHosts", list("h:" + any("1.2.3.4", reference(Kind.CONTAINER))));
                host.set("Binds", list(bind(), bind()));
            }
        }
    }

    private String annotation() {
        return any("io.berth.secret.", "io.berth.config.", "IO.berth.secret.", "io.berth.secret..")
                + reference(any(Kind.SECRET, Kind.CONFIG));
    }

    private String mode(String other) {
        return one(5)
                ? other
                : any("container:", "container:", "container:/", "Container:") + reference(Kind.CONTAINER);
    }

    private String bind() {
        return reference(Kind.VOLUME) + any(":/data", ":/data:ro", ":/data:z", "", ":data", "::/data");
    }

    private ObjectNode mount() {
        ObjectNode mount = object().put("Type", any("volume", "volume", "volume", "bind", "image", "VOLUME", ""))
                .put("Source", reference(Kind.VOLUME))
                .put("Target", "/d");
        if (one(4)) {
            ObjectNode options = object();
            options.set("Labels", labels());
            if (one(2)) {
                options.put("Subpath", any("..", "../" + reference(Kind.VOLUME) + "/_data", "a"));
            }
            if (one(3)) {
                options.set("DriverConfig", object().put("Name", any("local", reference(Kind.VOLUME))));
            }
            mount.set("VolumeOptions", options);
        }
        return mount;
    }

    // ------------------------------------------------------------ requests

    private Request container() {
        String container = "/containers/" + escaped(reference(Kind.CONTAINER));
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> ask("GET", container + "/" + any(LOOKS), "");
            case 3 -> ask("DELETE", container + any("", "?force=1", "?force=1&v=1", "?link=1"), "");
            default -> {
                String act = any(ACTS);
                String body =
                        switch (act) {
                            case "update" -> "{\"Memory\":8000000}";
                            case "exec" -> "{\"Cmd\":[\"id\"]}";
                            default -> "";
                        };
                yield ask("POST", container + "/" + act.replace("%s", escaped(reference(any(Kind.values())))), body);
            }
        };
    }

    private Request connection() {
        Thing network = one(2) ? target(Kind.NETWORK) : any(world.own(Kind.NETWORK));
        Thing container = one(2) ? target(Kind.CONTAINER) : any(world.own(Kind.CONTAINER));
        ObjectNode body = object().put("Container", spelled(container));
        if (one(2)) {
            body.set("EndpointConfig", endpoint());
        }
        if (one(3)) {
            body.put("Force", true);
        }
        return ask(
                "POST",
                "/networks/" + escaped(spelled(network)) + any("/connect", "/connect", "/disconnect"),
                written(body));
    }

    private Request list() {
        String list = any(
                "/containers/json?all=1&size=1",
                "/containers/json?all=1",
                "/networks?",
                "/volumes?",
                "/secrets?",
                "/configs?",
                "/system/df?verbose=1",
                "/info?",
                "/events?since=1&until=" + world.began());
        return ask("GET", list + (one(5) ? "" : "&filters=" + escaped(filters())), "");
    }

    private String filters() {
        ObjectNode filters = object();
        for (int i = random.nextInt(3); i >= 0; i--) {
            String value = one(3)
                    ? any(
                            "io.berth.project=" + World.THEIRS,
                            "io.berth.project",
                            "tell",
                            "io.berth.project=",
                            "kept=yes")
                    : reference(any(Kind.values()));
            if (one(5)) {
                filters.set(any(FILTERS), object().put(value, !one(4)));
            } else {
                filters.set(any(FILTERS), list(value));
            }
        }
        return filters.toString();
    }

    private Request thing(Kind kind) {
        String path = "/" + kind.section() + "/" + escaped(reference(kind));
        if (one(5) && (kind == Kind.SECRET || kind == Kind.CONFIG)) {
            return ask("POST", path + "/update?version=1", written(object().set("Labels", labels())));
        }
        return ask(any("GET", "GET", "HEAD", "DELETE"), path + any("", "?force=1", "?verbose=1"), "");
    }

    private Request exec() {
        String path = "/exec/" + escaped(reference(Kind.EXEC));
        return switch (random.nextInt(3)) {
            case 0 -> ask("GET", path + "/json", "");
            case 1 -> ask("POST", path + "/resize?h=1&w=1", "");
            default -> ask("POST", path + "/start", "{\"Detach\":true}");
        };
    }

    private Request commit() {
        return ask(
                "POST",
                "/commit?container=" + escaped(reference(Kind.CONTAINER)) + "&repo="
                        + any(World.MINE + "/made", World.THEIRS + "/made", "busybox"),
                one(2) ? "{}" : written(object().set("Labels", labels())));
    }

    private Request prune() {
        return ask(
                "POST",
                "/" + any("containers", "networks", "volumes") + "/prune"
                        + (one(3) ? "" : "?filters=" + escaped(filters())),
                "");
    }

    private Request made() {
        Kind kind = any(Kind.NETWORK, Kind.VOLUME, Kind.SECRET, Kind.CONFIG);
        ObjectNode body = object().put("Name", one(3) ? "new-" + random.nextInt(1000) : reference(kind));
        body.set("Labels", labels());
        if (kind == Kind.SECRET || kind == Kind.CONFIG) {
            body.put("Data", "aGFsbG8=");
        } else if (kind == Kind.NETWORK && one(5)) {
            body.put("Scope", "local");
            body.set("ConfigFrom", object().put("Network", reference(Kind.NETWORK)));
        } else if (one(5)) {
            body.put("Driver", any("local", "bridge", "host", reference(kind)));
        }
        return ask("POST", "/" + kind.section() + "/create", written(body));
    }

    private Request endless() {
        String asked = any(ENDLESS);
        int space = asked.indexOf(' ');
        Kind kind = asked.contains("/exec/") ? Kind.EXEC : Kind.CONTAINER;
        List<Thing> foreign = new ArrayList<>(world.foreign());
        foreign.removeIf(thing -> thing.kind() != kind);
        Thing thing = any(foreign);
        // What is the caller's must not be meant: it would not end.
        String reference = any(thing.id(), thing.name(), thing.id().substring(0, 20));
        return new Request(
                asked.substring(0, space),
                version() + asked.substring(space + 1).replace("%s", reference),
                "",
                false);
    }
}
