package io.berth.registry.access;

/** Whether a caller may do something. */
public enum Decision {
    ALLOWED,
    /** The caller may, but its token does not say so: another token would. */
    NOT_IN_TOKEN,
    DENIED
}
