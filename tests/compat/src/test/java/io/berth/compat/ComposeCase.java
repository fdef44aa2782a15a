package io.berth.compat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A directory with {@code compose.yaml}, {@code check.sh}, which brings the stack up and looks at what runs, and {@code golden.json}: what
 * {@code docker compose config} and, at the end of the check, {@code docker compose ps} said beside a real Docker engine. It runs in a copy.
 */
record ComposeCase(Path directory) {
    private static final Duration TIMEOUT = Duration.ofSeconds(150);

    static List<ComposeCase> all(Path root) {
        try (Stream<Path> files = Files.list(root)) {
            return files.filter(Files::isDirectory)
                    .sorted()
                    .map(ComposeCase::new)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String name() {
        return directory.getFileName().toString();
    }

    String project() {
        return "compose-" + name();
    }

    Path golden() {
        return directory.resolve("golden.json");
    }

    /**
     * Runs the check, takes the stack down and fails when something of it is left.
     *
     * @return what is compared with {@code golden.json}
     */
    JsonNode run(DockerCli docker) {
        try {
            Path copy = Files.createTempDirectory("berth-compose");
            try {
                shell("cp -r '" + directory + "/.' .", docker, copy).ok();
                return run(docker, copy);
            } finally {
                Running.run(List.of("rm", "-rf", copy.toString()), Map.of(), new byte[0], Duration.ofSeconds(20));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode run(DockerCli docker, Path copy) {
        try {
            ObjectNode said = GoldenNormaliser.JSON.createObjectNode();
            said.set("config", config(shell("docker compose --profile '*' config --format json", docker, copy), copy));
            shell("source '" + directory.getParent().resolve("checks.sh") + "'; source ./check.sh", docker, copy)
                    .ok();
            said.set("ps", processes(shell("docker compose ps -a --format json", docker, copy)));
            return said;
        } finally {
            Outcome down =
                    shell("docker compose --profile '*' down -v -t 0 --remove-orphans --rmi local", docker, copy);
            leaves(down, docker, copy);
        }
    }

    private void leaves(Outcome down, DockerCli docker, Path copy) {
        String label = "--filter label=com.docker.compose.project=" + project();
        String left = shell(
                        "docker ps -aq " + label + " && docker network ls -q " + label + " && docker volume ls -q "
                                + label,
                        docker,
                        copy)
                .ok();
        if (down.exitCode() != 0 || !left.isEmpty()) {
            throw new AssertionError("left after " + down + ": " + left);
        }
    }

    private Outcome shell(String script, DockerCli docker, Path copy) {
        String whole = "cd '" + copy + "'; export TMPDIR=" + copy + " XDG_RUNTIME_DIR=" + copy
                + " COMPOSE_PROJECT_NAME=" + project() + "; " + script;
        return docker.shell(whole, TIMEOUT);
    }

    private static JsonNode config(Outcome outcome, Path copy) {
        String text = outcome.ok().replace(copy.toString(), "<directory>");
        return GoldenNormaliser.JSON.readTree(text);
    }

    /** What is the same each time, by name of the container. */
    private static ArrayNode processes(Outcome outcome) {
        List<JsonNode> rows = new ArrayList<>();
        outcome.ok().lines().map(GoldenNormaliser.JSON::readTree).forEach(rows::add);
        rows.sort(Comparator.comparing(row -> row.path("Name").asString()));
        ArrayNode array = GoldenNormaliser.JSON.createArrayNode();
        for (JsonNode row : rows) {
            ObjectNode kept = array.addObject();
            row.properties().forEach(field -> {
                String value = field.getValue().asString("");
                switch (field.getKey()) {
                    case "ID", "CreatedAt", "RunningFor", "Size" -> kept.put(field.getKey(), value.isEmpty());
                    case "Status" ->
                        kept.put("Status", value.replaceAll("(Less than a|About a|\\d+) (second|minute)s?", "<time>"));
                    case "Labels" -> kept.set("Labels", labels(value));
                    case "Mounts", "Networks" -> kept.put(field.getKey(), mounts(value));
                    // The port that the kernel has chosen, and the order of a map.
                    case "Ports" ->
                        kept.put(
                                "Ports",
                                sorted(
                                        value.replaceAll("(, )?(:::|\\[::]:)\\d+->\\d+/\\w+", "")
                                                .replaceAll(":(3[2-9]|[4-6]\\d)\\d{3}->", ":<port>->"),
                                        ", "));
                    case "Publishers" -> kept.set("Publishers", publishers(field.getValue()));
                    default -> kept.set(field.getKey(), field.getValue());
                }
            });
        }
        return array;
    }

    private static ArrayNode labels(String text) {
        ArrayNode names = GoldenNormaliser.JSON.createArrayNode();
        Stream.of(text.split(","))
                .filter(label -> label.contains("="))
                .map(label -> label.substring(0, label.indexOf('=')))
                .sorted()
                .forEach(names::add);
        return names;
    }

    private static String mounts(String text) {
        return sorted(
                text.replaceAll("[0-9a-f]{14}…", "<volume>").replaceAll("/tmp/berth-com[^,]*", "<directory>"), ",");
    }

    private static String sorted(String text, String separator) {
        return String.join(
                separator, Stream.of(text.split(separator, -1)).sorted().toList());
    }

    private static JsonNode publishers(JsonNode publishers) {
        ArrayNode sorted = GoldenNormaliser.JSON.createArrayNode();
        List<ObjectNode> all = new ArrayList<>();
        publishers.forEach(publisher -> {
            ObjectNode copy = publisher.asObject().deepCopy();
            if (copy.path("PublishedPort").asInt() >= 32768) {
                copy.put("PublishedPort", "<port>");
            }
            // Berth publishes at IPv6 addresses for containers that have one, without a process between that could
            // translate.
            if (!copy.path("URL").asString("").equals("::")) {
                all.add(copy);
            }
        });
        all.sort(Comparator.comparing(JsonNode::toString));
        all.forEach(sorted::add);
        return sorted;
    }
}
