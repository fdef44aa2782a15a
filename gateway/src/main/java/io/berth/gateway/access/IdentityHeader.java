package io.berth.gateway.access;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * By which the services behind the gateway learn who calls:
 * {@code Berth-Identity: name=alice;role=developer;projects=shop,web;source=token;credential=7}. The gateway removes it from what
 * clients send, in every spelling, and a service believes it only beside the platform credential.
 */
public final class IdentityHeader {
    public static final String NAME = "Berth-Identity";

    private IdentityHeader() {}

    /** The header's value. Names and projects have no separators in them. */
    public static String format(Identity identity) {
        return "name=" + identity.name() + ";role=" + identity.role().id() + ";projects="
                + String.join(",", identity.projects()) + ";source="
                + identity.source().name() + ";credential=" + identity.credential();
    }

    /** Reads a value that was made by {@link #format}; empty for none. */
    public static Optional<Identity> parse(@Nullable String value) {
        if (value == null) {
            return Optional.empty();
        }
        Map<String, String> fields = new HashMap<>();
        for (String field : value.split(";", -1)) {
            int equals = field.indexOf('=');
            fields.put(field.substring(0, equals), field.substring(equals + 1));
        }
        String projects = fields.getOrDefault("projects", "");
        return Optional.of(new Identity(
                fields.getOrDefault("name", ""),
                Role.of(fields.getOrDefault("role", "")),
                projects.isEmpty() ? List.of() : List.of(projects.split(",")),
                Identity.Source.valueOf(fields.getOrDefault("source", "")),
                Long.parseLong(fields.getOrDefault("credential", "0"))));
    }
}
