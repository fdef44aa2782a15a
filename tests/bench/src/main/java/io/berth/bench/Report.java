package io.berth.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Collects results, prints them as they come, and saves them as a Markdown table and as JSON. Not thread-safe. */
final class Report {
    private final PrintWriter out;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final List<Row> rows = new ArrayList<>();
    private final List<Fact> facts = new ArrayList<>();

    Report(PrintWriter out) {
        this.out = out;
    }

    void environment(String name, String value) {
        environment.put(name, value);
        out.printf(Locale.ROOT, "%-14s %s%n", name, value);
        out.flush();
    }

    /** A line for the reader that is no result. */
    void remark(String text) {
        out.println(text);
        out.flush();
    }

    /** Durations of an operation. */
    void samples(String subject, String operation, Samples samples) {
        Row row = new Row(
                subject,
                operation,
                samples.count(),
                samples.quantileMillis(0),
                samples.quantileMillis(0.5),
                samples.quantileMillis(0.99));
        rows.add(row);
        out.printf(
                Locale.ROOT,
                "%-22s %-44s n=%-4d min %8.2f  median %8.2f  p99 %8.2f ms%n",
                subject,
                operation,
                row.count,
                row.minMillis,
                row.medianMillis,
                row.p99Millis);
        out.flush();
    }

    /** A single number. */
    void fact(String subject, String what, double value, String unit) {
        facts.add(new Fact(subject, what, value, unit));
        out.printf(Locale.ROOT, "%-22s %-44s %10.2f %s%n", subject, what, value, unit);
        out.flush();
    }

    /** Writes {@code bench.md} and {@code bench.json}. */
    void save(Path directory) {
        StringBuilder table = new StringBuilder();
        environment.forEach((name, value) ->
                table.append("- ").append(name).append(": ").append(value).append('\n'));
        table.append("\n| subject | operation | n | min ms | median ms | p99 ms |\n|---|---|---|---|---|---|\n");
        for (Row row : rows) {
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %d | %.2f | %.2f | %.2f |%n",
                    row.subject,
                    row.operation,
                    row.count,
                    row.minMillis,
                    row.medianMillis,
                    row.p99Millis));
        }
        table.append("\n| subject | what | value | unit |\n|---|---|---|---|\n");
        for (Fact fact : facts) {
            table.append(String.format(
                    Locale.ROOT, "| %s | %s | %.2f | %s |%n", fact.subject, fact.what, fact.value, fact.unit));
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("environment", environment);
        json.put("durations", rows);
        json.put("facts", facts);
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("bench.md"), table);
            Files.writeString(
                    directory.resolve("bench.json"),
                    JsonMapper.builder()
                            .enable(SerializationFeature.INDENT_OUTPUT)
                            .build()
                            .writeValueAsString(json));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot save the results in " + directory, e);
        }
        remark("saved: " + directory.resolve("bench.md") + ", bench.json");
    }

    private record Row(
            String subject, String operation, int count, double minMillis, double medianMillis, double p99Millis) {}

    private record Fact(String subject, String what, double value, String unit) {}
}
