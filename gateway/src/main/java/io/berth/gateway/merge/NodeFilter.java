package io.berth.gateway.merge;

import io.berth.docker.error.InvalidParameter;
import io.berth.dockerserver.filter.Filters;
import io.berth.gateway.node.CreateFacts;
import io.berth.gateway.node.Node;
import io.berth.gateway.node.NodeRouting;
import io.berth.gateway.route.RequestTarget;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The part of a request's {@code filters} that names nodes, {@code node=n2} or {@code label=io.berth.node=n2}, and the query
 * without it, which the nodes get.
 *
 * @param names empty for all nodes
 * @param filters the others
 * @param query without question mark, empty for none
 */
record NodeFilter(Set<String> names, Filters filters, String query) {
    private static final String LABEL = CreateFacts.NODE_LABEL + "=";

    /**
     * @throws InvalidParameter when the filters are not JSON
     */
    static NodeFilter of(RequestTarget target) {
        String query = target.query() == null ? "" : target.query();
        String text = NodeRouting.parameter(target, "filters").orElse("");
        if (text.isEmpty()) {
            return new NodeFilter(Set.of(), Filters.NONE, query);
        }
        Filters all = Filters.parse(text);
        Set<String> names = new HashSet<>(all.of("node"));
        all.of("label").stream()
                .filter(label -> label.startsWith(LABEL))
                .map(label -> label.substring(LABEL.length()))
                .forEach(names::add);
        Filters others = all.keep(
                (field, value) -> !field.equals("node") && !(field.equals("label") && value.startsWith(LABEL)));
        return new NodeFilter(names, others, names.isEmpty() ? query : replaced(query, others));
    }

    private static String replaced(String query, Filters filters) {
        List<String> pairs = new ArrayList<>();
        for (String pair : query.split("&", -1)) {
            if (!pair.startsWith("filters=")) {
                pairs.add(pair);
            }
        }
        if (!filters.fields().isEmpty()) {
            pairs.add("filters=" + URLEncoder.encode(filters.json(), StandardCharsets.UTF_8));
        }
        return String.join("&", pairs);
    }

    boolean wants(Node node) {
        return names.isEmpty() || names.contains(node.name());
    }

    /** A path with the query. */
    String on(String path) {
        return query.isEmpty() ? path : path + '?' + query;
    }
}
