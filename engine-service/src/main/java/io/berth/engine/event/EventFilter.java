package io.berth.engine.event;

import io.berth.dockerserver.filter.Filters;
import java.util.Set;
import java.util.stream.Stream;

/** Which events a listener wants (moby: daemon/events/filter.go). */
public final class EventFilter {
    private static final Set<String> SUBJECTS =
            Set.of("config", "container", "daemon", "network", "node", "plugin", "secret", "service", "volume");

    private static final Set<String> LONG_ACTIONS = Set.of("health_status", "exec_create", "exec_start");

    private final Filters filters;

    /** Fields that do not exist are not looked at, as in moby. */
    public EventFilter(Filters filters) {
        this.filters = filters;
    }

    public boolean matches(EngineEvent event) {
        return isAction(event.action())
                && filters.is("type", event.type())
                && filters.is("scope", "local")
                && filters.labels("label", event.attributes())
                && SUBJECTS.stream().allMatch(type -> isSubject(event, type))
                && isImage(event);
    }

    /** Actions that say more, as {@code exec_create: sh}, are known by their beginning. */
    private boolean isAction(String action) {
        return filters.of("event").stream().anyMatch(LONG_ACTIONS::contains)
                ? filters.startsWith("event", action)
                : filters.is("event", action);
    }

    private boolean isSubject(EngineEvent event, String type) {
        return filters.startsWith(type, event.subject())
                || filters.startsWith(type, event.attributes().getOrDefault("name", ""));
    }

    private boolean isImage(EngineEvent event) {
        String name = event.attributes().getOrDefault(event.type().equals("image") ? "name" : "image", "");
        return Stream.of(event.subject(), name, withoutTag(event.subject()), withoutTag(name))
                .anyMatch(image -> filters.is("image", image));
    }

    private static String withoutTag(String name) {
        int colon = name.lastIndexOf(':');
        return colon > name.lastIndexOf('/') ? name.substring(0, colon) : name;
    }
}
