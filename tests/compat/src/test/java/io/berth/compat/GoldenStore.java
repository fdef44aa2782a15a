package io.berth.compat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The files of the golden suite, read from and written to the sources. */
final class GoldenStore {
    private static final JsonMapper JSON = GoldenNormaliser.JSON;

    private final Path root = Path.of(Objects.requireNonNull(System.getProperty("berth.root"), "berth.root is not set"))
            .resolve("tests/compat/src/test/resources/golden");

    /** All cases, by group. */
    Map<String, List<GoldenCase>> cases() {
        Map<String, List<GoldenCase>> groups = new LinkedHashMap<>();
        try (Stream<Path> files = Files.list(root.resolve("cases"))) {
            for (Path file : files.sorted().toList()) {
                String group = file.getFileName().toString().replace(".txt", "");
                groups.put(group, GoldenCase.parse(group, Files.readAllLines(file)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return groups;
    }

    /** Ids of cases that are known to differ, without the reason that follows {@code " # "}. */
    List<String> pending() {
        return lines("pending.txt").stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> line.split(" # ", 2)[0].strip())
                .toList();
    }

    /** Takes a case out of the list of those that differ. */
    void dropPending(String id) {
        List<String> rest = lines("pending.txt").stream()
                .filter(line -> !line.split(" # ", 2)[0].strip().equals(id))
                .toList();
        try {
            Files.writeString(root.resolve("pending.txt"), String.join("\n", rest) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    GoldenDifferences differences() {
        return new GoldenDifferences(lines("differences.txt"));
    }

    private List<String> lines(String file) {
        try {
            return Files.readAllLines(root.resolve(file));
        } catch (NoSuchFileException e) {
            return new ArrayList<>();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What was recorded under a name, such as {@code run-settings}: {@code {"origin": …, "recorded": {…}}}. */
    JsonNode recorded(String name) {
        Path file = recordedFile(name);
        try {
            return Files.exists(file) ? JSON.readTree(Files.readString(file)) : JSON.createObjectNode();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Replaces one record, with the origin of this recording. */
    void record(String name, String key, JsonNode origin, JsonNode content) {
        ObjectNode document = JSON.createObjectNode();
        document.set("origin", origin);
        ObjectNode all = document.putObject("recorded");
        recorded(name).path("recorded").properties().forEach(entry -> all.set(entry.getKey(), entry.getValue()));
        all.set(key, content);
        try {
            Files.createDirectories(root.resolve("recorded"));
            Files.writeString(recordedFile(name), pretty(document) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path recordedFile(String name) {
        return root.resolve("recorded").resolve(name + ".json");
    }

    /** JSON with an element of an array on a line of its own, as diffs are read best. */
    static String pretty(JsonNode node) {
        DefaultPrettyPrinter printer =
                new DefaultPrettyPrinter().withArrayIndenter(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE);
        return JSON.writer().with(printer).writeValueAsString(node);
    }
}
