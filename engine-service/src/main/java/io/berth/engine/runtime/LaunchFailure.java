package io.berth.engine.runtime;

import org.jspecify.annotations.Nullable;

/** A process could not be started. The kind decides which status and exit code a client sees. */
public final class LaunchFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    public LaunchFailure(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** Why, as far as a client needs to know. */
    public enum Kind {
        /** The program does not exist: 400, and exit code 127. */
        PROGRAM_NOT_FOUND,
        /** The program exists and cannot be executed: 400, and exit code 126. */
        PROGRAM_NOT_EXECUTABLE,
        /** Working directory or system call filter are not right: 400, and exit code 126. */
        INVALID_PROCESS,
        /** A setting, such as user, group or device, names what does not exist: 500 in its own words, and exit code 128. */
        INVALID_SETTING,
        /** The container to join has stopped: 409. */
        CONTAINER_STOPPED,
        /** Anything else: 500, and exit code 128. */
        SYSTEM
    }
}
