package io.berth.engine.container;

import io.berth.docker.error.Conflict;

/** A container's process has ended, though its record may not say so yet. */
final class ProcessEnded extends Conflict {
    private static final long serialVersionUID = 1;

    /** In moby's words (daemon/errors.go). */
    ProcessEnded(String containerId) {
        super("container " + containerId + " is not running");
    }
}
