package io.berth.dockerfile;

/** A Dockerfile or a {@code .dockerignore} file that breaks the rules of its language, worded as BuildKit words it. */
public final class DockerfileException extends RuntimeException {
    private final Lines lines;

    DockerfileException(String message) {
        this(message, Lines.NONE);
    }

    DockerfileException(String message, Lines lines) {
        super(message);
        this.lines = lines;
    }

    /** What is said without a place, with a place. */
    DockerfileException at(Lines place) {
        return lines.equals(Lines.NONE) ? new DockerfileException(text(), place) : this;
    }

    /** Where, or {@link Lines#NONE}. */
    public Lines lines() {
        return lines;
    }

    private String text() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
