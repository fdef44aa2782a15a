package io.berth.docker.stream;

import java.util.Optional;

/** Which of a process's standard streams a frame belongs to; {@code SYSTEM_ERROR} carries the engine's own errors. */
public enum StreamType {
    STDIN(0),
    STDOUT(1),
    STDERR(2),
    SYSTEM_ERROR(3);

    private final int code;

    StreamType(int code) {
        this.code = code;
    }

    /** The first byte of a frame's header. */
    public int code() {
        return code;
    }

    static Optional<StreamType> of(int code) {
        return switch (code) {
            case 0 -> Optional.of(STDIN);
            case 1 -> Optional.of(STDOUT);
            case 2 -> Optional.of(STDERR);
            case 3 -> Optional.of(SYSTEM_ERROR);
            default -> Optional.empty();
        };
    }
}
