package io.berth.dockerfile;

/** {@code RUN --network}. */
public enum RunNetwork {
    DEFAULT,
    NONE,
    HOST
}
