package io.berth.engine.secret;

import java.util.Locale;

/** The two kinds; they differ in whether the API shows the value. */
public enum SecretKind {
    /** The API never shows its value. */
    SECRET("/run/secrets", 500 * 1024),
    /** The API shows its value. */
    CONFIG("/", 1000 * 1024);

    private final String directory;
    private final int maxBytes;

    SecretKind(String directory, int maxBytes) {
        this.directory = directory;
        this.maxBytes = maxBytes;
    }

    /** Docker's word: {@code secret} or {@code config}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Where it appears in a container unless told otherwise. */
    String directory() {
        return directory;
    }

    int maxBytes() {
        return maxBytes;
    }
}
