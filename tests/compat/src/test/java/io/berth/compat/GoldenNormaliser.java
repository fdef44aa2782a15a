package io.berth.compat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Takes out of output what differs from run to run, and from host to host: ids, times, process ids, directories, the kernel's version,
 * how many processes it allows.
 * What differs from engine to engine on purpose is not here but in {@link GoldenDifferences}.
 */
final class GoldenNormaliser {
    static final JsonMapper JSON = new JsonMapper();

    /** Of the client, which makes relative paths absolute. */
    private static final String WORKING_DIRECTORY = Path.of("").toAbsolutePath().toString();

    /** Of the machine, as the server tells it. */
    private static final String KERNEL = read("/proc/sys/kernel/osrelease").strip();

    /** The limit of processes that programs begin with: the kernel takes it from the machine's memory. */
    private static final Pattern PROCESSES = Pattern.compile("(?m)^" + processes() + "$");

    private static final String ZERO_TIME = "0001-01-01T00:00:00Z";

    /** In this order: longer forms before those they contain. */
    private static final Map<Pattern, String> TEXT = text();

    private final String directory;

    /**
     * @param directory the case's own directory, shown as {@code $DIR}
     */
    GoldenNormaliser(String directory) {
        this.directory = directory;
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String processes() {
        return read("/proc/self/limits")
                .lines()
                .filter(line -> line.startsWith("Max processes"))
                .map(line -> line.split("\\s+")[2])
                .findFirst()
                .orElseThrow();
    }

    private static Map<Pattern, String> text() {
        Map<Pattern, String> rules = new LinkedHashMap<>();
        rules.put(Pattern.compile("/[^\\s\"',:=]*/volumes/"), "<volumes>/");
        rules.put(Pattern.compile("\\b[0-9a-f]{64}\\b"), "<id>");
        rules.put(Pattern.compile("\\b(?=[a-f]*\\d)[0-9a-f]{12}\\b"), "<short-id>");
        rules.put(
                Pattern.compile(
                        "\\b(?!0001-01-01)\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)"),
                "<time>");
        rules.put(
                Pattern.compile("\\b\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(\\.\\d+)? [+-]\\d{4} [A-Z]+"), "<time>");
        rules.put(
                Pattern.compile(
                        "(?i)\\b(less than a second|about a minute|about an hour|\\d+ (second|minute|hour)s?)\\b"),
                "<while>");
        rules.put(Pattern.compile("\"execDuration\":\"\\d+\""), "\"execDuration\":\"<while>\"");
        rules.put(Pattern.compile("\"time(Nano)?\":\\d+"), "\"time$1\":<time>");
        return rules;
    }

    /** Text as it is compared. */
    String text(String text) {
        String result = text.replace(directory, "$DIR")
                .replace(WORKING_DIRECTORY, "$PWD")
                .replace(KERNEL, "<kernel>")
                .replace("\r\n", "\n");
        result = PROCESSES.matcher(result).replaceAll("<processes>");
        for (Map.Entry<Pattern, String> rule : TEXT.entrySet()) {
            result = rule.getKey().matcher(result).replaceAll(rule.getValue());
        }
        return result;
    }

    /** The lines of a stream as they are compared. */
    List<String> lines(String stream, boolean sorted) {
        List<String> lines = new ArrayList<>(text(stream).lines().toList());
        if (sorted) {
            lines.sort(null);
        }
        return lines;
    }

    /**
     * A document as leaves by their path, such as {@code HostConfig.Memory}; arrays and empty objects are leaves.
     */
    Map<String, JsonNode> leaves(JsonNode document) {
        Map<String, JsonNode> leaves = new TreeMap<>();
        collect("", document, leaves);
        return leaves;
    }

    private void collect(String path, JsonNode node, Map<String, JsonNode> leaves) {
        if (node.isObject() && !node.isEmpty()) {
            node.properties().forEach(entry -> {
                String key = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
                collect(key, entry.getValue(), leaves);
            });
        } else {
            leaves.put(text(path), leaf(path, node));
        }
    }

    private JsonNode leaf(String path, JsonNode node) {
        String key = path.substring(path.lastIndexOf('.') + 1);
        if (key.equals("Pid") && node.asInt() != 0) {
            return JSON.getNodeFactory().stringNode("<pid>");
        }
        if (key.endsWith("Path") && node.isString() && node.asString().startsWith("/") && !path.equals("Path")) {
            return JSON.getNodeFactory().stringNode("<path>");
        }
        if (path.equals("Mounts")) {
            return inner(sortedMounts(node));
        }
        if (node.isArray() && (path.equals("Config.Env") || path.equals("HostConfig.Binds"))) {
            // The client itself sends them in the order of a hash table.
            ArrayNode sorted = JSON.createArrayNode();
            node.valueStream().map(value -> text(value.asString())).sorted().forEach(sorted::add);
            return sorted;
        }
        return inner(node);
    }

    /** Mounts by their destination: dockerd lists them in the order of a hash table. */
    private static JsonNode sortedMounts(JsonNode mounts) {
        TreeMap<String, JsonNode> byDestination = new TreeMap<>();
        mounts.forEach(mount -> byDestination.put(mount.path("Destination").asString(), mount));
        ArrayNode sorted = JSON.createArrayNode();
        byDestination.values().forEach(sorted::add);
        return sorted;
    }

    /** A node with all of its texts normalised and the keys of its objects sorted. */
    private JsonNode inner(JsonNode node) {
        if (node.isString()) {
            String text = node.asString();
            return JSON.getNodeFactory().stringNode(text.equals(ZERO_TIME) ? text : text(text));
        }
        if (node.isArray()) {
            ArrayNode array = JSON.createArrayNode();
            node.forEach(element -> array.add(inner(element)));
            return array;
        }
        if (node.isObject()) {
            ObjectNode object = JSON.createObjectNode();
            new TreeMap<>(fields(node)).forEach((name, value) -> object.set(text(name), inner(value)));
            return object;
        }
        return node;
    }

    private static Map<String, JsonNode> fields(JsonNode object) {
        Map<String, JsonNode> fields = new LinkedHashMap<>();
        object.properties().forEach(entry -> fields.put(entry.getKey(), entry.getValue()));
        return fields;
    }
}
