package io.berth.dockerserver.filter;

import io.berth.docker.DockerJson;
import io.berth.docker.error.InvalidParameter;
import io.berth.pattern.CostlyPattern;
import io.berth.pattern.PatternSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The query parameter {@code filters}: {@code {"status": ["running"]}}, or the older form {@code {"status": {"running":
 * true}}}. All fields have to match. Does what moby does (daemon/internal/filters), in its words. Immutable.
 *
 * <p>A value that is given as false is a value all the same: it is validated, and patterns, prefixes and labels use it. It is
 * equal to nothing ({@link #is}), and neither true nor false ({@link #flag}).
 */
public final class Filters {
    public static final Filters NONE = new Filters(Map.of());

    private static final String INVALID = "invalid filter";

    private final Map<String, Map<String, Boolean>> fields;

    private Filters(Map<String, Map<String, Boolean>> fields) {
        this.fields = Collections.unmodifiableMap(fields);
    }

    /** Filters of the form with lists, by field. */
    public static Filters of(Map<String, List<String>> values) {
        Map<String, Map<String, Boolean>> fields = new LinkedHashMap<>();
        values.forEach((field, list) -> fields.put(field, allTrue(list)));
        return new Filters(fields);
    }

    /**
     * Reads the parameter, whatever fields it has.
     *
     * @param json null or empty for no filters
     * @throws InvalidParameter when it is not JSON of one of the two forms
     */
    public static Filters parse(@Nullable String json) {
        if (json == null || json.isEmpty()) {
            return NONE;
        }
        JsonNode root;
        try {
            root = DockerJson.REQUESTS.readTree(json);
        } catch (JacksonException e) {
            throw new InvalidParameter(INVALID, e);
        }
        if (root.isNull()) {
            return NONE;
        }
        return parse(root, Filters::flags)
                .or(() -> parse(root, Filters::list))
                .orElseThrow(() -> new InvalidParameter(INVALID));
    }

    /** Empty when a field is of another form. */
    private static Optional<Filters> parse(JsonNode root, Function<JsonNode, Optional<Map<String, Boolean>>> form) {
        if (!root.isObject()) {
            return Optional.empty();
        }
        Map<String, Map<String, Boolean>> fields = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : root.properties()) {
            Optional<Map<String, Boolean>> values =
                    field.getValue().isNull() ? Optional.of(Map.of()) : form.apply(field.getValue());
            if (values.isEmpty()) {
                return Optional.empty();
            }
            fields.put(field.getKey(), values.get());
        }
        return Optional.of(new Filters(fields));
    }

    private static Optional<Map<String, Boolean>> flags(JsonNode node) {
        if (!node.isObject() || !node.valueStream().allMatch(value -> value.isBoolean() || value.isNull())) {
            return Optional.empty();
        }
        Map<String, Boolean> values = new LinkedHashMap<>();
        node.properties()
                .forEach(value -> values.put(value.getKey(), value.getValue().asBoolean(false)));
        return Optional.of(values);
    }

    private static Optional<Map<String, Boolean>> list(JsonNode node) {
        return node.isArray() && node.valueStream().allMatch(value -> value.isString() || value.isNull())
                ? Optional.of(allTrue(
                        node.valueStream().map(value -> value.asString("")).toList()))
                : Optional.empty();
    }

    private static Map<String, Boolean> allTrue(List<String> list) {
        Map<String, Boolean> values = new LinkedHashMap<>();
        list.forEach(value -> values.put(value, true));
        return values;
    }

    /** The same with other values of a field. */
    public Filters with(String field, List<String> values) {
        Map<String, Map<String, Boolean>> changed = new LinkedHashMap<>(fields);
        changed.put(field, allTrue(values));
        return new Filters(changed);
    }

    /** The same with one more value of a field. */
    public Filters and(String field, String value) {
        Map<String, Map<String, Boolean>> changed = new LinkedHashMap<>(fields);
        Map<String, Boolean> values = new LinkedHashMap<>(values(field));
        values.put(value, true);
        changed.put(field, values);
        return new Filters(changed);
    }

    /**
     * Those values that pass the test. A field that loses all of its values is not there any more.
     *
     * @param test takes a field and a value
     */
    public Filters keep(BiPredicate<String, String> test) {
        Map<String, Map<String, Boolean>> kept = new LinkedHashMap<>();
        fields.forEach((field, values) -> {
            Map<String, Boolean> left = new LinkedHashMap<>(values);
            left.keySet().removeIf(value -> !test.test(field, value));
            if (values.isEmpty() || !left.isEmpty()) {
                kept.put(field, left);
            }
        });
        return new Filters(kept);
    }

    /** As Docker's client writes them: {@code {"label":{"a=b":true}}}. */
    public String json() {
        return DockerJson.MAPPER.writeValueAsString(fields);
    }

    /**
     * The same filters.
     *
     * @throws InvalidParameter when there is a field that is not offered
     */
    public Filters acceptOnly(Set<String> offered) {
        for (String field : fields.keySet()) {
            if (!offered.contains(field)) {
                throw new InvalidParameter("invalid filter '" + field + "'");
            }
        }
        return this;
    }

    /** The fields that were given, those without values too. */
    public Set<String> fields() {
        return fields.keySet();
    }

    /** Whether the field was given, with values or without. */
    public boolean has(String field) {
        return fields.containsKey(field);
    }

    private Map<String, Boolean> values(String field) {
        return fields.getOrDefault(field, Map.of());
    }

    /** The values of a field in their order; empty when it was not given. */
    public List<String> of(String field) {
        return List.copyOf(values(field).keySet());
    }

    /** Whether the field has no values, or this one (moby: ExactMatch). */
    public boolean is(String field, String value) {
        Map<String, Boolean> values = values(field);
        return values.isEmpty() || values.getOrDefault(value, false);
    }

    /** Whether the field has no values, or one passes the test. */
    public boolean any(String field, Predicate<String> test) {
        Map<String, Boolean> values = values(field);
        return values.isEmpty() || values.keySet().stream().anyMatch(test);
    }

    /** Whether the field has no values, or one that the text begins with (moby: FuzzyMatch). */
    public boolean startsWith(String field, String text) {
        return any(field, text::startsWith);
    }

    /**
     * A test for what the field's values say as regular expressions; what is none is compared as it is (moby: Match). It is
     * for one list, since it counts what it costs.
     *
     * @throws InvalidParameter when the patterns are too large; the test throws it when it has taken too much computing
     */
    public Predicate<String> matching(String field) {
        if (values(field).isEmpty()) {
            return _ -> true;
        }
        PatternSet patterns = bounded(field, () -> PatternSet.lenient(of(field)));
        return text -> is(field, text) || bounded(field, () -> patterns.anyIn(text));
    }

    private static <T> T bounded(String field, Supplier<T> matching) {
        try {
            return matching.get();
        } catch (CostlyPattern e) {
            throw new InvalidParameter("invalid filter '" + field + "': " + e.getMessage(), e);
        }
    }

    /**
     * The value of a field that is true or false; empty when it was not given (moby: GetBoolOrDefault).
     *
     * @throws InvalidParameter when it is neither, or both
     */
    public Optional<Boolean> flag(String field) {
        if (!has(field)) {
            return Optional.empty();
        }
        Map<String, Boolean> given = values(field);
        if (given.isEmpty()) {
            throw new InvalidParameter("invalid filter '" + field + "'");
        }
        boolean isTrue = given.getOrDefault("1", false) || given.getOrDefault("true", false);
        boolean isFalse = given.getOrDefault("0", false) || given.getOrDefault("false", false);
        if (isTrue == isFalse) {
            throw new InvalidParameter("invalid filter '" + field + "=[" + String.join(" ", given.keySet()) + "]'");
        }
        return Optional.of(isTrue);
    }

    /**
     * Whether the field has no values, or all of them, {@code key} or {@code key=value}, are among the labels (moby:
     * MatchKVList).
     *
     * @param labels null for none
     */
    public boolean labels(String field, @Nullable Map<String, String> labels) {
        return values(field).keySet().stream().allMatch(wanted -> labels != null && hasLabel(wanted, labels));
    }

    /** Whether the field was not given, or one of its values is not among the labels: {@code label!} of a prune. */
    public boolean lacksLabels(String field, @Nullable Map<String, String> labels) {
        return !has(field) || !labels(field, labels);
    }

    private static boolean hasLabel(String wanted, Map<String, String> labels) {
        int equals = wanted.indexOf('=');
        return equals < 0
                ? labels.containsKey(wanted)
                : wanted.substring(equals + 1).equals(labels.get(wanted.substring(0, equals)));
    }
}
