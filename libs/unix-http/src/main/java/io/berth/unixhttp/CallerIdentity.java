package io.berth.unixhttp;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who commands a service, as the gateway tells with each request: {@code Berth-Identity:
 * name=alice;role=developer;projects=shop,web;source=TOKEN;credential=7}. Every request has the platform credential, so this is
 * true; without it the caller is an operator. Immutable.
 *
 * @param role {@code operator}, {@code developer} or {@code viewer}
 * @param projects whose things are the caller's; the first one is where new things go
 * @param hidden projects whose things are not there for the caller, where the gateway tells
 * @param source how the gateway found out who it is
 * @param credential which the gateway knows them by; {@code 0} for none
 */
public record CallerIdentity(
        String name, String role, List<String> projects, Set<String> hidden, String source, String credential) {
    /** The header that has it. */
    public static final String HEADER = "Berth-Identity";

    /** The field of the projects that are hidden. */
    public static final String HIDDEN = "hidden";

    /** The label that says which project something is of; the gateway alone sets it. */
    public static final String PROJECT_LABEL = "io.berth.project";

    private static final Set<String> ROLES = Set.of("operator", "developer", "viewer");

    public CallerIdentity {
        projects = List.copyOf(projects);
        hidden = Set.copyOf(hidden);
    }

    /**
     * Reads what the gateway tells.
     *
     * @throws IllegalArgumentException when it is malformed, which the gateway's never is
     */
    public static CallerIdentity parse(String text) {
        Map<String, String> fields = new HashMap<>();
        for (String field : text.split(";", -1)) {
            int equals = field.indexOf('=');
            if (equals < 1 || fields.put(field.substring(0, equals), field.substring(equals + 1)) != null) {
                throw new IllegalArgumentException("malformed identity");
            }
        }
        String role = fields.getOrDefault("role", "");
        if (!ROLES.contains(role)) {
            throw new IllegalArgumentException("malformed identity: no role");
        }
        return new CallerIdentity(
                fields.getOrDefault("name", ""),
                role,
                names(fields.getOrDefault("projects", "")),
                Set.copyOf(names(fields.getOrDefault(HIDDEN, ""))),
                fields.getOrDefault("source", ""),
                fields.getOrDefault("credential", "0"));
    }

    private static List<String> names(String text) {
        return text.isEmpty()
                ? List.of()
                : List.of(text.split(",", -1)).stream().distinct().toList();
    }

    /** Whether not everything is theirs. */
    public boolean restricted() {
        return !role.equals("operator");
    }
}
