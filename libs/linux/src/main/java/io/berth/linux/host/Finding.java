package io.berth.linux.host;

/**
 * One thing that the engine needs of its host, and how it stands.
 *
 * @param subject what was looked at, such as {@code overlay file system}
 * @param status how it stands
 * @param detail what was found
 * @param effect what does not work because of it; empty when all is well
 * @param remedy what to do about it; empty when all is well
 */
public record Finding(String subject, Status status, String detail, String effect, String remedy) {
    /** How a thing stands. */
    public enum Status {
        OK,
        /** Containers run, but something that Docker offers does not work or is slower. */
        DEGRADED,
        /** Containers cannot run, or not safely. */
        MISSING
    }

    static Finding ok(String subject, String detail) {
        return new Finding(subject, Status.OK, detail, "", "");
    }

    static Finding degraded(String subject, String detail, String effect, String remedy) {
        return new Finding(subject, Status.DEGRADED, detail, effect, remedy);
    }

    static Finding missing(String subject, String detail, String effect, String remedy) {
        return new Finding(subject, Status.MISSING, detail, effect, remedy);
    }

    /** One line for people: status, subject, detail, and where needed effect and remedy. */
    public String text() {
        String line = String.format(java.util.Locale.ROOT, "%-8s  %s: %s", status, subject, detail);
        return effect.isEmpty() ? line : line + " -> " + effect + " -> " + remedy;
    }
}
