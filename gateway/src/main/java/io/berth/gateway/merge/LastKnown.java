package io.berth.gateway.merge;

import io.berth.gateway.node.KnownContainers.Known;
import io.berth.gateway.node.Node;
import io.berth.gateway.node.NodeRouting;
import io.berth.gateway.route.RequestTarget;
import java.util.ArrayList;
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
 * @param filters by name
 */
record LastKnown(boolean all, Map<String, List<String>> filters) {
    private static final Set<String> DECIDABLE = Set.of("id", "name", "label", "status");
    private static final Set<String> RUNNING = Set.of("running", "paused", "restarting");

    static LastKnown wanted(RequestTarget target, NodeFilter filter) {
        boolean all = Set.of("1", "true", "True")
                        .contains(NodeRouting.parameter(target, "all").orElse(""))
                || NodeRouting.parameter(target, "limit").isPresent()
                || filter.filters().containsKey("status");
        return new LastKnown(all, filter.filters());
    }

    /** Summaries whose status says that the node is unreachable. */
    List<JsonNode> of(Node node) {
        List<JsonNode> shown = new ArrayList<>();
        for (Known known : node.containers().all().values()) {
            if (known.summary() instanceof ObjectNode summary && matches(known, summary)) {
                ObjectNode copy = summary.deepCopy();
                copy.put("Status", "Unreachable (was: " + summary.path("Status").asString("") + ")");
                shown.add(MergedJson.withNode(copy, node.name()));
            }
        }
        return shown;
    }

    private boolean matches(Known known, JsonNode summary) {
        String state = summary.path("State").asString("");
        if (!DECIDABLE.containsAll(filters.keySet()) || (!all && !RUNNING.contains(state))) {
            return false;
        }
        return any("id", known.id()::startsWith)
                && any("name", value -> known.name().contains(value.replaceAll("[/^$]", "")))
                && any("status", state::equals)
                && filters.getOrDefault("label", List.of()).stream().allMatch(value -> hasLabel(summary, value));
    }

    private boolean any(String filter, Predicate<String> test) {
        List<String> values = filters.getOrDefault(filter, List.of());
        return values.isEmpty() || values.stream().anyMatch(test);
    }

    private static boolean hasLabel(JsonNode summary, String wanted) {
        int equal = wanted.indexOf('=');
        JsonNode value = summary.path("Labels").path(equal < 0 ? wanted : wanted.substring(0, equal));
        return !value.isMissingNode() && (equal < 0 || value.asString("").equals(wanted.substring(equal + 1)));
    }
}
