package io.berth.engine.event;

import io.berth.engine.filter.Filters;
import java.util.Set;

/** Which events a listener wants (moby: daemon/events/filter.go). */
public final class EventFilter {
    private static final Set<String> SUBJECTS =
            Set.of("config", "container", "daemon", "network", "node", "plugin", "secret", "service", "volume");

    private final Filters filters;

    /** Fields that do not exist are not looked at, as in moby. */
    public EventFilter(Filters filters) {
        this.filters = filters;
    }

    public boolean matches(EngineEvent event) {
        return filters.any("event", wanted -> isAction(event.action(), wanted))
                && filters.any("type", event.type()::equals)
                && filters.any("scope", "local"::equals)
                && filters.labels("label", event.attributes())
                && SUBJECTS.stream().allMatch(type -> isSubject(event, type))
                && filters.any("image", wanted -> isImage(event, wanted));
    }

    /** {@code exec_create} matches {@code exec_create: sh}. */
    private static boolean isAction(String action, String wanted) {
        return action.equals(wanted) || action.startsWith(wanted + ":");
    }

    private boolean isSubject(EngineEvent event, String type) {
        if (!filters.has(type)) {
            return true;
        }
        return event.type().equals(type)
                && filters.any(
                        type,
                        wanted -> event.subject().startsWith(wanted)
                                || event.attributes().getOrDefault("name", "").startsWith(wanted));
    }

    private static boolean isImage(EngineEvent event, String wanted) {
        String name = event.attributes().getOrDefault(event.type().equals("image") ? "name" : "image", "");
        return event.subject().equals(wanted)
                || name.equals(wanted)
                || withoutTag(name).equals(wanted);
    }

    private static String withoutTag(String name) {
        int colon = name.lastIndexOf(':');
        return colon > name.lastIndexOf('/') ? name.substring(0, colon) : name;
    }
}
