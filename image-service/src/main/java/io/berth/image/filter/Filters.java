package io.berth.image.filter;

import io.berth.docker.DockerJson;
import io.berth.docker.error.InvalidParameter;
import io.berth.json.Frozen;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The {@code filters} query parameter: {@code {"label": ["a=b"], "dangling": ["true"]}}, or the older form {@code {"label":
 * {"a=b": true}}}.
 */
public record Filters(Map<String, List<String>> values) {
    public static final Filters NONE = new Filters(Map.of());

    public Filters {
        values = Frozen.map(values);
    }

    /**
     * Reads the parameter.
     *
     * @param json null or empty for no filters
     * @param known the filter names that the endpoint has
     * @throws InvalidParameter for malformed JSON or an unknown name
     */
    public static Filters parse(@Nullable String json, Set<String> known) {
        return parse(json).only(known);
    }

    /**
     * Reads the parameter, whatever filters it names.
     *
     * @param json null or empty for no filters
     * @throws InvalidParameter for malformed JSON
     */
    public static Filters parse(@Nullable String json) {
        if (json == null || json.isEmpty()) {
            return NONE;
        }
        JsonNode tree;
        try {
            tree = DockerJson.REQUESTS.readTree(json);
        } catch (JacksonException e) {
            throw new InvalidParameter("invalid filter", e);
        }
        if (!tree.isObject()) {
            throw new InvalidParameter("invalid filter");
        }
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : tree.properties()) {
            values.put(field.getKey(), strings(field.getValue()));
        }
        return new Filters(values);
    }

    /**
     * The same filters.
     *
     * @throws InvalidParameter when there is one of another name
     */
    public Filters only(Set<String> known) {
        for (String name : values.keySet()) {
            if (!known.contains(name)) {
                throw new InvalidParameter("invalid filter '" + name + "'");
            }
        }
        return this;
    }

    private static List<String> strings(JsonNode node) {
        List<String> strings = new ArrayList<>();
        if (node.isObject()) {
            node.properties().forEach(entry -> strings.add(entry.getKey()));
        } else if (node.isArray()) {
            for (JsonNode value : node) {
                if (!value.isString()) {
                    throw new InvalidParameter("invalid filter");
                }
                strings.add(value.asString());
            }
        } else {
            throw new InvalidParameter("invalid filter");
        }
        return List.copyOf(strings);
    }

    /** What was given for a filter; empty when it was not used. */
    public List<String> of(String name) {
        return values.getOrDefault(name, List.of());
    }

    /**
     * A filter that is true or false (moby: api/types/filters, GetBoolOrDefault).
     *
     * @throws InvalidParameter when it is neither, or both
     */
    public Optional<Boolean> flag(String name) {
        List<String> given = of(name);
        if (given.isEmpty()) {
            return Optional.empty();
        }
        boolean isTrue = given.contains("1") || given.contains("true");
        boolean isFalse = given.contains("0") || given.contains("false");
        if (isTrue == isFalse) {
            throw new InvalidParameter("invalid filter '" + name + "=[" + String.join(" ", given) + "]'");
        }
        return Optional.of(isTrue);
    }
}
