package io.berth.compat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Runs golden cases on a daemon and tells what it saw, normalised. */
final class GoldenRunner {
    private static final JsonMapper JSON = GoldenNormaliser.JSON;
    private static final Duration STEP_TIMEOUT = Duration.ofSeconds(30);
    private static final String PLAIN = "golden-plain";

    /** Known from the first start on; whether they are is looked at by {@link GoldenStep.InspectAll} only. */
    private static final Set<String> PATHS = Set.of("HostnamePath", "HostsPath", "LogPath", "ResolvConfPath");

    private final Target target;
    private @Nullable Map<String, JsonNode> plain;
    private boolean settled;

    GoldenRunner(Target target) {
        this.target = target;
    }

    /** Where and with what a recording was made. */
    ObjectNode origin() {
        JsonNode version = target.http().get("/version").json();
        JsonNode info = target.http().get("/info").json();
        ObjectNode origin = JSON.createObjectNode();
        origin.put("daemon", version.path("Version").asString());
        origin.put("apiVersion", version.path("ApiVersion").asString());
        version.path("Components")
                .forEach(component -> origin.put(
                        component.path("Name").asString(),
                        component.path("Version").asString()));
        origin.put("distribution", info.path("OperatingSystem").asString());
        origin.put("kernel", info.path("KernelVersion").asString());
        origin.put("cgroupVersion", info.path("CgroupVersion").asString());
        origin.put("storageDriver", info.path("Driver").asString());
        origin.put("date", Instant.now().toString().substring(0, 10));
        return origin;
    }

    /** Runs all steps and removes what they made. */
    JsonNode run(GoldenCase golden) {
        for (String name : List.of("one", "two", "three")) {
            if (!inspect(name).has("message")) {
                throw new IllegalStateException("the container " + name + " is there already, of a run that was ended");
            }
        }
        settle();
        Set<String> before = things();
        try {
            Path directory = Files.createTempDirectory(target.scratch(), "case");
            try (Session session = new Session(directory)) {
                ArrayNode steps = JSON.createArrayNode();
                for (GoldenStep step : golden.steps()) {
                    JsonNode seen = session.perform(step);
                    if (!seen.isMissingNode()) {
                        ObjectNode entry = steps.addObject();
                        entry.put("step", step.text());
                        seen.properties().forEach(field -> entry.set(field.getKey(), field.getValue()));
                    }
                }
                return steps;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            Set<String> made = things();
            made.removeAll(before);
            made.stream().sorted().forEach(path -> target.http().send("DELETE", path, Map.of(), new byte[0]));
        }
    }

    /** Requests that would remove what the daemon holds, in an order that works: containers, images, networks, volumes. */
    private Set<String> things() {
        Set<String> paths = new HashSet<>();
        target.http()
                .get("/containers/json?all=1")
                .json()
                .forEach(container ->
                        paths.add("/containers/" + container.path("Id").asString() + "?force=1&v=1"));
        target.http()
                .get("/images/json")
                .json()
                .forEach(image -> paths.add("/images/" + image.path("Id").asString() + "?force=1"));
        RawHttp.Response volumes = target.http().get("/volumes");
        if (volumes.status() == 200) {
            volumes.json()
                    .path("Volumes")
                    .forEach(volume ->
                            paths.add("/volumes/" + volume.path("Name").asString() + "?force=1"));
        }
        target.http()
                .get("/networks?filters=%7B%22type%22%3A%5B%22custom%22%5D%7D")
                .json()
                .forEach(network -> paths.add("/networks/" + network.path("Id").asString()));
        return paths;
    }

    /** The image has just been imported: its event has to be told before the first case listens. */
    private void settle() {
        if (!settled) {
            Eventually.holds(
                    STEP_TIMEOUT,
                    () -> target.docker()
                            .ok(
                                    "events",
                                    "--since",
                                    "0",
                                    "--until",
                                    Long.toString(Instant.now().getEpochSecond() + 1),
                                    "--filter",
                                    "type=image",
                                    "--format",
                                    "{{.Action}}")
                            .lines()
                            .anyMatch(action -> action.equals("import") || action.equals("tag")),
                    () -> "the event of the import");
            settled = true;
        }
    }

    /** What inspecting a container made with an image's name alone tells. */
    private Map<String, JsonNode> plain(GoldenNormaliser normaliser) {
        Map<String, JsonNode> known = plain;
        if (known == null) {
            target.docker().ok("create", "--name", PLAIN, Target.IMAGE);
            known = normaliser.leaves(inspect(PLAIN));
            target.docker().ok("rm", PLAIN);
            plain = known;
        }
        return known;
    }

    private JsonNode inspect(String container) {
        return target.http().get("/v1.45/containers/" + container + "/json").json();
    }

    /** The run of one case. */
    private final class Session implements AutoCloseable {
        private final Path directory;
        private final GoldenNormaliser normaliser;
        private final Instant began = Instant.now();
        private final List<Running> running = new ArrayList<>();

        Session(Path directory) {
            this.directory = directory;
            this.normaliser = new GoldenNormaliser(directory.toString());
        }

        JsonNode perform(GoldenStep step) throws IOException {
            return switch (step) {
                case GoldenStep.Docker docker -> docker(docker);
                case GoldenStep.Start start -> {
                    running.add(target.docker().start(expanded(start.words()).toArray(String[]::new)));
                    yield JSON.missingNode();
                }
                case GoldenStep.Finish finish ->
                    outcome(running.removeFirst().await(STEP_TIMEOUT), GoldenStep.Kept.ALL);
                case GoldenStep.Await await -> {
                    await(await.container(), await.state());
                    yield JSON.missingNode();
                }
                case GoldenStep.AwaitLog log -> {
                    awaitLog(log.container(), log.output());
                    yield JSON.missingNode();
                }
                case GoldenStep.Inspect inspect -> inspectDifference(inspect.container());
                case GoldenStep.InspectAll all -> object("inspect", normaliser.leaves(inspect(all.container())));
                case GoldenStep.State state -> {
                    JsonNode value = inspect(state.container()).path("State");
                    yield object("state", normaliser.leaves(value));
                }
                case GoldenStep.Events events -> events(events.actions());
                case GoldenStep.Api api -> api(api);
                case GoldenStep.Write write -> {
                    Files.writeString(directory.resolve(write.file()), write.content());
                    yield JSON.missingNode();
                }
                case GoldenStep.Pause pause -> {
                    Instant end = Instant.now().plusMillis(pause.millis());
                    Eventually.holds(STEP_TIMEOUT, () -> Instant.now().isAfter(end), pause::text);
                    yield JSON.missingNode();
                }
            };
        }

        private JsonNode docker(GoldenStep.Docker step) {
            List<String> words = expanded(step.words());
            Outcome outcome = step.terminal()
                    ? target.docker().runOnTerminal(step.input(), words.toArray(String[]::new))
                    : target.docker().run(words, step.input(), STEP_TIMEOUT);
            return outcome(outcome, step.kept());
        }

        private JsonNode outcome(Outcome outcome, GoldenStep.Kept kept) {
            if (kept == GoldenStep.Kept.NOTHING) {
                outcome.exited(0); // or what follows would be about something else
                return JSON.missingNode();
            }
            ObjectNode seen = JSON.createObjectNode();
            seen.put("exit", outcome.exitCode());
            if (kept != GoldenStep.Kept.EXIT) {
                boolean sorted = kept == GoldenStep.Kept.SORTED;
                array(seen, "stdout", normaliser.lines(outcome.out(), sorted));
                array(seen, "stderr", normaliser.lines(outcome.err(), sorted));
            }
            return seen;
        }

        private JsonNode inspectDifference(String container) {
            Map<String, JsonNode> leaves = normaliser.leaves(inspect(container));
            if (leaves.containsKey("message")) {
                return object("inspect", leaves);
            }
            PATHS.forEach(leaves::remove);
            plain(normaliser).forEach((path, value) -> {
                if (PATHS.contains(path)) {
                    return;
                }
                if (!leaves.containsKey(path)) {
                    leaves.put(path, JSON.getNodeFactory().stringNode("<absent>"));
                } else if (value.equals(leaves.get(path))) {
                    leaves.remove(path);
                }
            });
            return object("inspect", leaves);
        }

        private JsonNode api(GoldenStep.Api step) {
            RawHttp.Response response =
                    target.http().send(step.method(), "/v1.45" + step.path(), Map.of(), new byte[0]);
            ObjectNode seen = JSON.createObjectNode();
            seen.put("exit", response.status());
            array(seen, "stdout", normaliser.lines(response.body(), false));
            return seen;
        }

        private JsonNode events(List<String> actions) {
            // Events are told after the calls that cause them have been answered.
            Instant end = Instant.now().plusMillis(300);
            Eventually.holds(STEP_TIMEOUT, () -> Instant.now().isAfter(end), () -> "clock");
            Instant until = Instant.now();
            Outcome outcome = target.docker()
                    .run(
                            List.of(
                                    "events",
                                    "--since",
                                    began.getEpochSecond() + "." + "%09d".formatted(began.getNano()),
                                    "--until",
                                    until.getEpochSecond() + "." + "%09d".formatted(until.getNano()),
                                    "--format",
                                    "{{.Type}} {{.Action}} {{json .Actor.Attributes}}"),
                            "",
                            STEP_TIMEOUT);
            ObjectNode seen = JSON.createObjectNode();
            List<String> lines = normaliser.lines(outcome.out(), false).stream()
                    .filter(line -> !line.contains("\"name\":\"" + PLAIN + "\""))
                    .filter(line -> actions.isEmpty()
                            || actions.stream().anyMatch(line.substring(line.indexOf(' ') + 1)::startsWith))
                    .toList();
            array(seen, "events", lines);
            return seen;
        }

        private void await(String container, String state) {
            Eventually.holds(
                    STEP_TIMEOUT,
                    () -> {
                        JsonNode answer = inspect(container);
                        if (answer.has("message")) {
                            throw new AssertionError(answer.path("message").asString());
                        }
                        JsonNode now = answer.path("State");
                        return now.path("Status").asString("").equals(state)
                                || now.path("Health")
                                        .path("Status")
                                        .asString("")
                                        .equals(state);
                    },
                    () -> container + " is " + inspect(container).path("State"));
        }

        private void awaitLog(String container, String output) {
            Eventually.holds(
                    STEP_TIMEOUT,
                    () -> target.docker().ok("logs", container).contains(output),
                    () -> container + " has not printed " + output);
        }

        private List<String> expanded(List<String> words) {
            return words.stream()
                    .map(word -> word.replace("$IMAGE", Target.IMAGE).replace("$DIR", directory.toString()))
                    .toList();
        }

        @Override
        public void close() {
            running.forEach(Running::close);
            Running.run(List.of("rm", "-rf", directory.toString()), Map.of(), new byte[0], STEP_TIMEOUT);
        }
    }

    private static ObjectNode object(String name, Map<String, JsonNode> fields) {
        ObjectNode outer = JSON.createObjectNode();
        ObjectNode inner = outer.putObject(name);
        fields.forEach(inner::set);
        return outer;
    }

    private static void array(ObjectNode object, String name, List<String> lines) {
        ArrayNode array = object.putArray(name);
        lines.forEach(array::add);
    }
}
