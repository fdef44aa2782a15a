package io.berth.gateway.merge;

import io.berth.dockerserver.filter.Filters;
import io.berth.gateway.node.KnownContainers.Known;
import io.berth.gateway.node.Node;
import io.berth.gateway.node.NodeRouting;
import io.berth.gateway.route.RequestTarget;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which of a lost node's containers a list shows. Filters that only its engine could decide show none.
 *
 * @param all also those that did not run
 */
record LastKnown(boolean all, Filters filters) {
    private static final Set<String> DECIDABLE = Set.of("id", "name", "label", "status");
    private static final Set<String> RUNNING = Set.of("running", "paused", "restarting");

    static LastKnown wanted(RequestTarget target, NodeFilter filter) {
        boolean all = Set.of("1", "true", "True")
                        .contains(NodeRouting.parameter(target, "all").orElse(""))
                || NodeRouting.parameter(target, "limit").isPresent()
                || filter.filters().has("status");
        return new LastKnown(all, filter.filters());
    }

    /** Summaries whose status says that the node is unreachable. */
    List<JsonNode> of(Node node) {
        List<JsonNode> shown = new ArrayList<>();
        Predicate<String> named = filters.matching("name");
        for (Known known : node.containers().all().values()) {
            if (known.summary() instanceof ObjectNode summary
                    && matches(known, summary)
                    && (named.test("/" + known.name()) || named.test(known.name()))) {
                ObjectNode copy = summary.deepCopy();
                copy.put("Status", "Unreachable (was: " + summary.path("Status").asString("") + ")");
                shown.add(MergedJson.withNode(copy, node.name()));
            }
        }
        return shown;
    }

    private boolean matches(Known known, JsonNode summary) {
        String state = summary.path("State").asString("");
        if (!DECIDABLE.containsAll(filters.fields()) || (!all && !RUNNING.contains(state))) {
            return false;
        }
        return filters.startsWith("id", known.id())
                && filters.is("status", state)
                && filters.labels("label", labels(summary));
    }

    private static Map<String, String> labels(JsonNode summary) {
        Map<String, String> labels = new HashMap<>();
        summary.path("Labels")
                .properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().asString("")));
        return labels;
    }
}
