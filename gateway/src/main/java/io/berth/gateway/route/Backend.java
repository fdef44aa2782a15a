package io.berth.gateway.route;

import io.berth.docker.error.NotFound;
import java.util.Locale;

/** A service that requests are forwarded to. */
public enum Backend {
    ENGINE("engine"),
    IMAGE("image-service"),
    REGISTRY("registry"),
    /** The gateway's own pages, served by its internal listener. */
    PLATFORM("gateway");

    private final String label;

    Backend(String label) {
        this.label = label;
    }

    /** The service's name as error messages and the dashboard show it. */
    public String label() {
        return label;
    }

    /**
     * The backend of an {@link #id}.
     *
     * @throws NotFound when there is none
     */
    public static Backend byId(String id) {
        for (Backend backend : values()) {
            if (backend.id().equals(id)) {
                return backend;
            }
        }
        throw new NotFound("no such backend: " + id);
    }

    /** The name in metrics and configuration: {@code engine}, {@code image}, {@code registry}, {@code platform}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
