package io.berth.dockerfile;

/** Docker's two builders, where they disagree. */
public enum Dialect {
    /** The builder of the engine: an environment variable always beats an argument of the same name, as the reference has it. */
    CLASSIC,
    /** BuildKit: whichever of ENV and ARG comes last, if it has a value. */
    BUILDKIT
}
