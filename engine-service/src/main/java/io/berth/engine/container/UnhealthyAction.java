package io.berth.engine.container;

import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.HostConfig;
import io.berth.docker.error.InvalidParameter;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is done with a container that has become unhealthy: Berth's own addition, asked for by a label or an annotation. */
public enum UnhealthyAction {
    /** As in Docker. */
    NONE,
    /** Kill it; its restart policy decides what follows. */
    KILL,
    /** Stop it for good, as a user does. */
    STOP,
    /** Stop it and start it again. */
    RESTART;

    /** The label or annotation. */
    public static final String KEY = "io.berth.on-unhealthy";

    /**
     * What a container asks for; the annotation wins.
     *
     * @throws InvalidParameter for a value that does not exist
     */
    public static UnhealthyAction of(ContainerConfig config, HostConfig host) {
        @Nullable
        String wanted = host.annotations() == null ? null : host.annotations().get(KEY);
        if (wanted == null && config.labels() != null) {
            wanted = config.labels().get(KEY);
        }
        if (wanted == null) {
            return NONE;
        }
        for (UnhealthyAction action : values()) {
            if (action.text().equals(wanted)) {
                return action;
            }
        }
        throw new InvalidParameter("invalid " + KEY + " \"" + wanted + "\": use one of "
                + Arrays.stream(values()).map(UnhealthyAction::text).collect(Collectors.joining(", ")));
    }

    private String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
