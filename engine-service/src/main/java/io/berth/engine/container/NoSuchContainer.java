package io.berth.engine.container;

import io.berth.docker.error.NotFound;

/** No container has this id, name or prefix. */
public final class NoSuchContainer extends NotFound {
    private static final long serialVersionUID = 1L;

    public NoSuchContainer(String reference) {
        super("No such container: " + reference);
    }
}
