package io.berth.dockerfile;

/** {@code RUN --security}. */
public enum RunSecurity {
    SANDBOX,
    INSECURE
}
