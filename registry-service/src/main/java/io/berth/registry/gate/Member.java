package io.berth.registry.gate;

import io.berth.registry.access.Subject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Somebody whom the gateway knows, as it says in a header that clients cannot send through:
 * {@code name=alice;role=developer;projects=shop,web;source=token;credential=7}.
 *
 * @param role {@code operator}, {@code developer} or {@code viewer}
 * @param projects whose repositories, {@code <project>/…}, are theirs
 * @param credential by which they were known
 */
public record Member(String name, String role, List<String> projects, String credential) {
    private static final String ROLE = "role:";
    private static final String PROJECT = "project:";
    private static final String CREDENTIAL = "credential:";

    public Member {
        projects = List.copyOf(projects);
    }

    /** Reads the header; empty for none. */
    public static Optional<Member> parse(@Nullable String header) {
        if (header == null) {
            return Optional.empty();
        }
        Map<String, String> fields = new HashMap<>();
        for (String field : header.split(";", -1)) {
            int equals = field.indexOf('=');
            if (equals > 0) {
                fields.put(field.substring(0, equals), field.substring(equals + 1));
            }
        }
        String projects = fields.getOrDefault("projects", "");
        return Optional.of(new Member(
                fields.getOrDefault("name", ""),
                fields.getOrDefault("role", ""),
                projects.isEmpty() ? List.of() : List.of(projects.split(",", -1)),
                fields.getOrDefault("credential", "0")));
    }

    public Subject subject() {
        return Subject.member(name);
    }

    /** Whether they administer the platform. */
    public boolean operator() {
        return role.equals("operator");
    }

    /** What {@link Rights} decides by: role and projects as they are at this moment. */
    public Set<String> groups() {
        Set<String> groups = new TreeSet<>();
        groups.add(ROLE + role);
        projects.forEach(project -> groups.add(PROJECT + project));
        return groups;
    }

    /** What a token remembers: by which credential the gateway knows whether it still stands. */
    public Set<String> remembered() {
        return Set.of(CREDENTIAL + credential);
    }

    static boolean isOperator(Set<String> groups) {
        return groups.contains(ROLE + "operator");
    }

    static boolean isDeveloper(Set<String> groups) {
        return groups.contains(ROLE + "developer");
    }

    /** Whether a repository is of one of the projects. */
    static boolean owns(Set<String> groups, String repository) {
        int slash = repository.indexOf('/');
        return slash > 0 && groups.contains(PROJECT + repository.substring(0, slash));
    }
}
