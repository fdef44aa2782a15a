package io.berth.engine.caller;

import io.berth.unixhttp.CallerIdentity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whom the engine works for: everything is there for the engine itself and for operators, and for others what is of their
 * projects. Wherever a request names something, it is looked up among what is there for its {@linkplain Callers#current()
 * caller}; so a field that nobody has thought of names nothing of others either. Immutable.
 *
 * @param restricted whether not everything is there
 * @param projects whose things are; the first one is where new things go
 */
public record Caller(boolean restricted, List<String> projects) {
    /** The engine itself, and who may open Docker's socket. */
    public static final Caller UNRESTRICTED = new Caller(false, List.of());

    public Caller {
        projects = List.copyOf(projects);
    }

    /**
     * Reads what the gateway tells.
     *
     * @throws IllegalArgumentException when it is malformed, which the gateway's never is
     */
    public static Caller of(String identity) {
        CallerIdentity told = CallerIdentity.parse(identity);
        return told.restricted() ? new Caller(true, told.projects()) : UNRESTRICTED;
    }

    /** Whether something with these labels is there. */
    public boolean sees(Map<String, String> labels) {
        return !restricted || projects.contains(labels.getOrDefault(CallerIdentity.PROJECT_LABEL, ""));
    }

    /** The labels of something new, which is of the caller's project: what the gateway has set, it has set to this. */
    public @Nullable Map<String, String> own(@Nullable Map<String, String> labels) {
        if (!restricted || projects.isEmpty()) {
            return labels;
        }
        Map<String, String> all = new LinkedHashMap<>(labels == null ? Map.of() : labels);
        all.putIfAbsent(CallerIdentity.PROJECT_LABEL, projects.getFirst());
        return all;
    }
}
