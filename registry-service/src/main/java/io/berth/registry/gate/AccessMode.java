package io.berth.registry.gate;

/** Whether the registry asks who somebody is. */
public enum AccessMode {
    /** What no policy grants is refused. */
    PRIVATE,
    /** Everybody may do everything with every repository. The administration asks for credentials all the same. */
    OPEN
}
