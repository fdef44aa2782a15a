package io.berth.engine.filter;

import io.berth.docker.DockerJson;
import io.berth.docker.error.InvalidParameter;
import io.berth.pattern.CostlyPattern;
import io.berth.pattern.PatternSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Filters of a request: all fields have to match, and for each field any of its values (moby: daemon/internal/filters).
 *
 * <pre>{"status": ["running"], "label": {"a=1": true}}</pre>
 *
 * @param values by field; both of Docker's forms, a list and the older map with true, are read
 */
public record Filters(Map<String, List<String>> values) {
    public static final Filters NONE = new Filters(Map.of());

    public Filters {
        values = Map.copyOf(values);
    }

    /**
     * Parses the query parameter; null and empty are no filters.
     *
     * @throws InvalidParameter when it is not JSON of one of the two forms
     */
    public static Filters parse(@Nullable String json) {
        if (json == null || json.isEmpty()) {
            return NONE;
        }
        try {
            JsonNode root = DockerJson.MAPPER.readTree(json);
            if (!root.isObject()) {
                throw new InvalidParameter("invalid filter");
            }
            Map<String, List<String>> values = new LinkedHashMap<>();
            root.properties().forEach(field -> values.put(field.getKey(), entries(field.getValue())));
            return new Filters(values);
        } catch (JacksonException e) {
            throw new InvalidParameter("invalid filter", e);
        }
    }

    private static List<String> entries(JsonNode node) {
        List<String> entries = new ArrayList<>();
        if (node.isArray()) {
            node.forEach(value -> entries.add(value.asString()));
        } else if (node.isObject()) {
            node.properties().stream()
                    .filter(entry -> entry.getValue().asBoolean(false))
                    .forEach(entry -> entries.add(entry.getKey()));
        } else {
            throw new InvalidParameter("invalid filter");
        }
        return List.copyOf(entries);
    }

    /**
     * Refuses fields that are not offered.
     *
     * @throws InvalidParameter in moby's words
     */
    public Filters acceptOnly(Set<String> fields) {
        for (String field : values.keySet()) {
            if (!fields.contains(field)) {
                throw new InvalidParameter("invalid filter '" + field + "'");
            }
        }
        return this;
    }

    /** The values of a field; empty when it is not filtered by. */
    public List<String> of(String field) {
        return values.getOrDefault(field, List.of());
    }

    public boolean has(String field) {
        return !of(field).isEmpty();
    }

    /** Whether the field is not filtered by, or one of its values passes the test. */
    public boolean any(String field, Predicate<String> test) {
        List<String> wanted = of(field);
        return wanted.isEmpty() || wanted.stream().anyMatch(test);
    }

    /**
     * A test for what the field's values say as regular expressions; what is none is compared as it is (moby: filters.Args.Match).
     * It is for one list, since it counts what it costs.
     *
     * @throws InvalidParameter when the patterns are too large; the test throws it when it has taken too much computing
     */
    public Predicate<String> matching(String field) {
        List<String> wanted = of(field);
        if (wanted.isEmpty()) {
            return _ -> true;
        }
        PatternSet patterns = bounded(field, () -> PatternSet.lenient(wanted));
        return text -> bounded(field, () -> patterns.anyIn(text));
    }

    private static <T> T bounded(String field, Supplier<T> matching) {
        try {
            return matching.get();
        } catch (CostlyPattern e) {
            throw new InvalidParameter("invalid filter '" + field + "': " + e.getMessage(), e);
        }
    }

    /** Whether all the values of the field, {@code key} or {@code key=value}, are among the labels. */
    public boolean labels(String field, Map<String, String> labels) {
        return of(field).stream().allMatch(wanted -> hasLabel(wanted, labels));
    }

    /** Whether none of the values of the field is among the labels. */
    public boolean notLabels(String field, Map<String, String> labels) {
        return of(field).stream().noneMatch(wanted -> hasLabel(wanted, labels));
    }

    private static boolean hasLabel(String wanted, Map<String, String> labels) {
        int equals = wanted.indexOf('=');
        if (equals < 0) {
            return labels.containsKey(wanted);
        }
        return wanted.substring(equals + 1).equals(labels.get(wanted.substring(0, equals)));
    }
}
