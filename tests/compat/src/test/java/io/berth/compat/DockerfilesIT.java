package io.berth.compat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a real Docker engine makes of a Dockerfile is what this daemon makes of it: files with modes and owners, the image's
 * configuration, and BuildKit's history. See {@link DockerfileCase}.
 *
 * <p>{@code -Dgolden.record=true} records, which is for a reference given by {@code -Dcompat.docker.host}; {@code
 * -Dgolden.only=REGEX} takes the cases whose name has a match. {@code pending.txt} lists cases that differ and should not.
 */
@CompatTest
class DockerfilesIT {
    private static final List<String> CONFIGURATION = List.of(
            "Env",
            "Cmd",
            "Entrypoint",
            "WorkingDir",
            "User",
            "ExposedPorts",
            "Volumes",
            "Labels",
            "Healthcheck",
            "StopSignal",
            "OnBuild",
            "Shell");

    private final Target target;
    private final Path root = Path.of(Objects.requireNonNull(System.getProperty("berth.root"), "berth.root is not set"))
            .resolve("tests/compat/src/test/resources/dockerfiles");
    private @Nullable Map<String, String> base;

    DockerfilesIT(Target target) {
        this.target = target;
    }

    @TestFactory
    Stream<DynamicTest> cases() throws IOException {
        Predicate<String> only =
                Pattern.compile(System.getProperty("golden.only", "")).asPredicate();
        boolean recording = Boolean.getBoolean("golden.record");
        if (recording) {
            Files.writeString(
                    root.resolve("origin.json"), GoldenStore.pretty(new GoldenRunner(target).origin()) + "\n");
        }
        List<String> pending = Files.exists(root.resolve("pending.txt"))
                ? Files.readAllLines(root.resolve("pending.txt")).stream()
                        .map(line -> line.split(" # ", 2)[0].strip())
                        .toList()
                : List.of();
        return DockerfileCase.all(root).stream()
                .filter(test -> only.test(test.name()))
                .map(test -> DynamicTest.dynamicTest(test.name(), () -> {
                    JsonNode actual = build(test);
                    if (recording) {
                        Files.writeString(test.expected(), GoldenStore.pretty(actual) + "\n");
                    } else {
                        compare(test, actual, pending.contains(test.name()));
                    }
                }));
    }

    private static void compare(DockerfileCase test, JsonNode actual, boolean pending) throws IOException {
        if (!Files.exists(test.expected())) {
            throw new AssertionError(test.name() + " has not been recorded");
        }
        JsonNode expected = GoldenNormaliser.JSON.readTree(Files.readString(test.expected()));
        List<String> differences = new ArrayList<>();
        if (expected.has("error") != actual.has("error")) {
            differences.add("expected " + (expected.has("error") ? expected : "an image") + " but was "
                    + (actual.has("error") ? actual : "an image"));
        } else if (!expected.has("error")) {
            lines("", expected).forEach((key, value) -> {
                String is = lines("", actual).get(key);
                // Berth has one builder, whichever way it is asked, and writes history as BuildKit does.
                boolean classicHistory = key.equals("/history") && !test.needsBuildKit();
                if (!classicHistory && !value.equals(is)) {
                    differences.add(key + ": expected " + value + " but was " + is);
                }
            });
            lines("", actual).forEach((key, value) -> {
                if (!lines("", expected).containsKey(key)) {
                    differences.add(key + ": not expected: " + value);
                }
            });
        }
        if (pending && differences.isEmpty()) {
            throw new AssertionError(test.name() + " is in pending.txt and does not differ any more");
        }
        if (!pending && !differences.isEmpty()) {
            throw new AssertionError(test.name() + " differs:\n  " + String.join("\n  ", differences));
        }
    }

    private static Map<String, String> lines(String prefix, JsonNode node) {
        Map<String, String> lines = new TreeMap<>();
        if (node.isObject()) {
            node.properties().forEach(entry -> lines.putAll(lines(prefix + "/" + entry.getKey(), entry.getValue())));
        } else {
            lines.put(prefix, node.toString());
        }
        return lines;
    }

    private JsonNode build(DockerfileCase test) throws IOException {
        Path context = Files.createTempDirectory("berth-dockerfile");
        String image = "berth-test/df-" + test.name();
        try {
            test.copyContext(context);
            StringBuilder command = new StringBuilder("cd '" + context + "' && ");
            command.append(
                    test.needsBuildKit()
                            ? "docker buildx build --load --provenance=false"
                            : "DOCKER_BUILDKIT=0 docker build --force-rm");
            command.append(" --no-cache -t ").append(image);
            test.arguments()
                    .forEach(argument -> command.append(" '").append(argument).append('\''));
            Outcome outcome = target.docker().shell(command + " . 2>&1");
            if (outcome.exitCode() != 0) {
                return failed(outcome.out());
            }
            return describe(image);
        } finally {
            target.docker().run("rmi", "-f", image);
            Running.run(
                            List.of("rm", "-rf", context.toString()),
                            Map.of(),
                            new byte[0],
                            java.time.Duration.ofSeconds(20))
                    .ok();
        }
    }

    private static JsonNode failed(String output) {
        ObjectNode failed = GoldenNormaliser.JSON.createObjectNode();
        failed.put("error", output.strip().lines().reduce("", (first, last) -> last));
        return failed;
    }

    private JsonNode describe(String image) throws IOException {
        ObjectNode described = GoldenNormaliser.JSON.createObjectNode();
        JsonNode inspected =
                target.http().get("/v1.45/images/" + image + "/json").json();
        JsonNode config = inspected.path("Config");
        ObjectNode configuration = described.putObject("config");
        for (String key : CONFIGURATION) {
            JsonNode value = config.path(key);
            boolean nothing = value.isMissingNode()
                    || value.isNull()
                    || (value.isContainer() && value.isEmpty())
                    || (value.isString() && value.asString().isEmpty())
                    || (key.equals("WorkingDir") && value.asString().equals("/")); // the default, written out or not
            if (!nothing) {
                configuration.set(key, value);
            }
        }
        ArrayNode history = described.putArray("history");
        List<JsonNode> entries = new ArrayList<>();
        target.http().get("/v1.45/images/" + image + "/history").json().forEach(entries::add);
        entries.reversed()
                .forEach(entry -> history.add(entry.path("CreatedBy")
                        .asString()
                        .replaceAll("\\b(file|dir|multi):[0-9a-f]{64}", "$1:<digest>")));
        // The reference does not save images that have no layers.
        boolean empty = inspected.path("RootFS").path("Layers").isEmpty();
        SavedImage saved = empty ? new SavedImage(Map.of(), 0) : save(image);
        described.put("layers", saved.layers());
        if (base == null) {
            base = save(Target.IMAGE).files();
        }
        ObjectNode files = described.putObject("files");
        Map<String, String> ofBase = base;
        saved.files().forEach((path, file) -> {
            // BuildKit leaves the places of these mounts behind.
            boolean place = path.matches("(dev|proc|sys)(/.*)?");
            if (!place && !file.equals(ofBase.get(path))) {
                files.put(path, file);
            }
        });
        return described;
    }

    private SavedImage save(String image) throws IOException {
        Path archive = Files.createTempFile("berth-saved", ".tar");
        try {
            target.docker().ok("save", "-o", archive.toString(), image);
            return SavedImage.read(archive);
        } finally {
            Files.deleteIfExists(archive);
        }
    }
}
