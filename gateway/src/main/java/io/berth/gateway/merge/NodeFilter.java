package io.berth.gateway.merge;

import io.berth.docker.DockerJson;
import io.berth.docker.error.InvalidParameter;
import io.berth.gateway.node.CreateFacts;
import io.berth.gateway.node.Node;
import io.berth.gateway.node.NodeRouting;
import io.berth.gateway.route.RequestTarget;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The part of a request's {@code filters} that names nodes, {@code node=n2} or {@code label=io.berth.node=n2}, and the query
 * without it, which the nodes get.
 *
 * @param names empty for all nodes
 * @param filters the others, by name
 * @param query without question mark, empty for none
 */
record NodeFilter(Set<String> names, Map<String, List<String>> filters, String query) {
    private static final String LABEL = CreateFacts.NODE_LABEL + "=";

    /**
     * @throws InvalidParameter when the filters are not JSON
     */
    static NodeFilter of(RequestTarget target) {
        String query = target.query() == null ? "" : target.query();
        String text = NodeRouting.parameter(target, "filters").orElse("");
        if (text.isEmpty()) {
            return new NodeFilter(Set.of(), Map.of(), query);
        }
        Set<String> names = new HashSet<>();
        Map<String, List<String>> others = new LinkedHashMap<>();
        parse(text).propertyStream().forEach(field -> {
            List<String> kept = new ArrayList<>();
            for (String value : values(field.getValue())) {
                if (field.getKey().equals("node")) {
                    names.add(value);
                } else if (field.getKey().equals("label") && value.startsWith(LABEL)) {
                    names.add(value.substring(LABEL.length()));
                } else {
                    kept.add(value);
                }
            }
            if (!kept.isEmpty()) {
                others.put(field.getKey(), kept);
            }
        });
        return new NodeFilter(names, others, names.isEmpty() ? query : replaced(query, others));
    }

    private static JsonNode parse(String text) {
        try {
            JsonNode filters = DockerJson.REQUESTS.readTree(text);
            if (filters.isObject()) {
                return filters;
            }
        } catch (JacksonException e) {
            throw new InvalidParameter("invalid filter", e);
        }
        throw new InvalidParameter("invalid filter");
    }

    /** {@code ["a"]}, or {@code {"a":true}} as old clients write it. */
    private static List<String> values(JsonNode value) {
        return value.isObject()
                ? value.propertyStream().map(Map.Entry::getKey).toList()
                : value.valueStream().map(one -> one.asString("")).toList();
    }

    private static String replaced(String query, Map<String, List<String>> filters) {
        List<String> pairs = new ArrayList<>();
        for (String pair : query.split("&", -1)) {
            if (!pair.startsWith("filters=")) {
                pairs.add(pair);
            }
        }
        if (!filters.isEmpty()) {
            pairs.add("filters="
                    + URLEncoder.encode(DockerJson.MAPPER.writeValueAsString(filters), StandardCharsets.UTF_8));
        }
        return String.join("&", pairs);
    }

    boolean wants(Node node) {
        return names.isEmpty() || names.contains(node.name());
    }

    /** The others as the API writes them. */
    ObjectNode json() {
        ObjectNode written = DockerJson.MAPPER.createObjectNode();
        filters.forEach((name, values) -> values.forEach(written.putArray(name)::add));
        return written;
    }

    /** A path with the query. */
    String on(String path) {
        return query.isEmpty() ? path : path + '?' + query;
    }
}
