package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Holds {@code docs/STATES.md} to the recorded states, exit codes and events. {@code -Dstates.write=true} writes the page.
 */
class StatesPageIT {
    private static final Pattern EVENT = Pattern.compile("(\\w+) ([\\w-]+)(: [^{]*)? (\\{.*})");
    private static final Pattern DETAIL = Pattern.compile("\"(?:exitCode|signal)\":\"(\\w+)\"");

    @Test
    void thePageTellsWhatWasRecorded() throws IOException {
        Path root = Path.of(Objects.requireNonNull(System.getProperty("berth.root"), "berth.root is not set"));
        String page = page(new GoldenStore().recorded("states"));
        Path file = root.resolve("docs/STATES.md");
        if (Boolean.getBoolean("states.write")) {
            Files.writeString(file, page);
        }
        assertThat(Files.readString(file))
                .as("docs/STATES.md is not what is recorded; write it with -Dstates.write=true")
                .isEqualTo(page);
    }

    private static String page(JsonNode states) {
        JsonNode origin = states.path("origin");
        StringBuilder page = new StringBuilder("""
                # States, exit codes and events

                What dockerd %s was seen to do (%s, cgroup version %s), and what Berth does: made by
                [StatesPageIT](../tests/compat/src/test/java/io/berth/compat/StatesPageIT.java) of the
                [recording](../tests/compat/src/test/resources/golden/recorded/states.json) that
                [GoldenIT](../tests/compat/src/test/java/io/berth/compat/GoldenIT.java) compares a running Berth with. The commands are in
                [states.txt](../tests/compat/src/test/resources/golden/cases/states.txt).

                *States*: where they were looked at, with the exit code once it has ended. *Events*: in order, with signal or exit
                code, those of volumes and images with their type; those of networks are left out.

                | what happens | exit codes other than 0 | states | events |
                |---|---|---|---|
                """.formatted(
                        origin.path("daemon").asString(),
                        origin.path("distribution").asString(),
                        origin.path("cgroupVersion").asString()));
        for (var each : states.path("recorded").properties()) {
            List<String> exits = new ArrayList<>();
            List<String> seen = new ArrayList<>();
            List<String> events = new ArrayList<>();
            for (JsonNode step : each.getValue()) {
                int exit = step.path("exit").asInt(0);
                if (exit != 0 && exit < 256) {
                    exits.add(step.path("step").asString().split(" ")[0] + " " + exit);
                }
                if (step.has("state")) {
                    seen.add(state(step.path("state")));
                }
                step.path("events").forEach(event -> events.add(event(event.asString())));
            }
            if (seen.isEmpty() && events.isEmpty()) {
                continue; // it is about output
            }
            page.append("| %s | %s | %s | %s |%n"
                    .formatted(
                            each.getKey(),
                            String.join(", ", exits),
                            String.join(", ", seen),
                            String.join(" ", events)));
        }
        return page.toString();
    }

    private static String state(JsonNode state) {
        String status = state.path("Status").asString();
        boolean ended =
                !state.path("Running").asBoolean() && state.path("ExitCode").asInt() != 0;
        return status
                + (ended || status.equals("exited")
                        ? " " + state.path("ExitCode").asInt()
                        : "")
                + (state.path("OOMKilled").asBoolean() ? " OOMKilled" : "");
    }

    private static String event(String line) {
        Matcher event = EVENT.matcher(line);
        if (!event.matches()) {
            throw new IllegalArgumentException("no event: " + line);
        }
        String type = event.group(1).equals("container") ? "" : event.group(1) + " ";
        boolean health = event.group(2).equals("health_status");
        Matcher detail = DETAIL.matcher(event.group(4));
        return "`" + type + event.group(2) + (health ? event.group(3) : "")
                + (detail.find() ? " " + detail.group(1) : "") + "`";
    }
}
