package io.berth.engine.container;

/** What those hear who wait for the next run of a container that is gone. Every removal makes one, so it has no stack trace. */
final class ContainerRemoved extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ContainerRemoved() {
        super("container removed", null, false, false);
    }
}
