package io.berth.image.build;

import io.berth.dockerfile.Lines;
import org.jspecify.annotations.Nullable;

/** A build that cannot go on. Worded for its user. */
public final class BuildFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;
    private final transient Lines lines;

    public BuildFailure(String message) {
        this(message, 0, Lines.NONE, null);
    }

    public BuildFailure(String message, @Nullable Throwable cause) {
        this(message, 0, Lines.NONE, cause);
    }

    BuildFailure(String message, int exitCode, Lines lines, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
        this.lines = lines;
    }

    /** What happened. */
    public String text() {
        return String.valueOf(getMessage());
    }

    /** What a command of the build returned, or 0 when that is not what failed. */
    public int exitCode() {
        return exitCode;
    }

    /** Of the Dockerfile, or {@link Lines#NONE}. */
    public Lines lines() {
        return lines;
    }

    /** The same with a place, unless it has one. */
    BuildFailure at(Lines place) {
        if (!lines.equals(Lines.NONE)) {
            return this;
        }
        return new BuildFailure(text(), exitCode, place, this);
    }
}
