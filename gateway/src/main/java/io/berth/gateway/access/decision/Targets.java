package io.berth.gateway.access.decision;

import io.berth.docker.error.InvalidParameter;
import io.berth.dockerserver.filter.Filters;
import io.berth.gateway.route.RequestTarget;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Makes of a target the one that is forwarded. */
final class Targets {
    private Targets() {}

    /**
     * Puts what a name stands for in its place, so that it cannot come to stand for something else.
     *
     * @param index of the segment, behind the version
     * @param value that needs no escape
     */
    static RequestTarget with(RequestTarget target, int index, String value) {
        List<String> segments = new ArrayList<>(target.segments());
        segments.set(index, value);
        String[] parts = target.path().split("/", -1);
        parts[index + (target.versioned() ? 2 : 1)] = value;
        return new RequestTarget(String.join("/", parts), target.query(), target.versioned(), segments);
    }

    /** Restricts a list, a prune or a stream of events to what has a label. */
    static RequestTarget withLabel(RequestTarget target, String label) {
        Filters asked = Filters.parse(parameter(target, "filters"));
        return withParameter(target, "filters", asked.and("label", label).json());
    }

    /** Sets a parameter of the query. */
    static RequestTarget withParameter(RequestTarget target, String name, String value) {
        List<String> pairs = new ArrayList<>();
        for (String pair : pairs(target)) {
            if (!name(pair).equals(name)) {
                pairs.add(pair);
            }
        }
        pairs.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
        return new RequestTarget(target.path(), String.join("&", pairs), target.versioned(), target.segments());
    }

    /**
     * The value of a parameter; empty when there is none.
     *
     * @throws InvalidParameter when it comes twice, since services differ in which one counts
     */
    static String parameter(RequestTarget target, String name) {
        List<String> values = parameters(target, name);
        if (values.size() > 1) {
            throw new InvalidParameter("the parameter " + name + " comes twice");
        }
        return values.isEmpty() ? "" : values.getFirst();
    }

    /** All values of a parameter. */
    static List<String> parameters(RequestTarget target, String name) {
        return pairs(target).stream()
                .filter(pair -> name(pair).equals(name))
                .map(pair -> pair.indexOf('=') < 0 ? "" : decoded(pair.substring(pair.indexOf('=') + 1)))
                .toList();
    }

    /** Refuses a query with other parameters than those that a rule has thought of. */
    static boolean hasOnly(RequestTarget target, Set<String> names) {
        return pairs(target).stream().map(Targets::name).allMatch(names::contains);
    }

    private static List<String> pairs(RequestTarget target) {
        String query = target.query();
        return query == null || query.isEmpty() ? List.of() : List.of(query.split("&", -1));
    }

    private static String name(String pair) {
        int equals = pair.indexOf('=');
        return decoded(equals < 0 ? pair : pair.substring(0, equals));
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new InvalidParameter("invalid query: malformed percent escape", e);
        }
    }
}
