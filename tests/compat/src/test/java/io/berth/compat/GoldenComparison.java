package io.berth.compat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** Tells what differs between a recording and what a daemon says now, except what may. */
final class GoldenComparison {
    private final GoldenDifferences differences;

    GoldenComparison(GoldenDifferences differences) {
        this.differences = differences;
    }

    /** One line for each difference, none when equal. */
    List<String> steps(JsonNode recorded, JsonNode seen) {
        List<String> found = new ArrayList<>();
        if (recorded.size() != seen.size()) {
            found.add("steps: recorded " + recorded.size() + ", now " + seen.size());
        }
        for (int i = 0; i < Math.min(recorded.size(), seen.size()); i++) {
            JsonNode then = recorded.get(i);
            JsonNode now = seen.get(i);
            String step = now.path("step").asString();
            if (!then.path("step").equals(now.path("step"))) {
                found.add(step + ": recorded as " + then.path("step").asString() + ", record anew");
                continue;
            }
            for (String field : List.of("exit", "stdout", "stderr", "events")) {
                text(step + ": " + field, then.path(field), now.path(field), found);
            }
            for (String field : List.of("inspect", "state")) {
                fields(step + ": ", then.path(field), now.path(field), found);
            }
        }
        return found;
    }

    /** Compares objects field by field. */
    void fields(String prefix, JsonNode then, JsonNode now, List<String> found) {
        if (then.has("message") != now.has("message")) {
            found.add(prefix
                    + (now.has("message") ? "berth: " + now.path("message") : "docker: " + then.path("message")));
            return;
        }
        if (!then.path("status").equals(now.path("status"))) {
            text(prefix + "status", then.path("status"), now.path("status"), found);
            return; // another document
        }
        TreeSet<String> names = new TreeSet<>();
        then.properties().forEach(entry -> names.add(entry.getKey()));
        now.properties().forEach(entry -> names.add(entry.getKey()));
        for (String name : names) {
            if (!differences.ignores(name)) {
                text(prefix + name, then.path(name), now.path(name), found);
            }
        }
    }

    private void text(String what, JsonNode then, JsonNode now, List<String> found) {
        String before = differences.text(shown(then));
        String after = differences.text(shown(now));
        if (!before.equals(after)) {
            found.add(what + ": docker " + before + " | berth " + after);
        }
    }

    private static String shown(JsonNode node) {
        if (node.isMissingNode()) {
            return "<same as plain>";
        }
        if (node.isArray() && node.valueStream().allMatch(JsonNode::isString)) {
            return String.join("⏎", node.valueStream().map(JsonNode::asString).toList());
        }
        return node.toString();
    }
}
