package io.berth.gateway.node;

/** Which of the nodes that could take a container gets it. */
public enum Strategy {
    /** The one with the fewest containers. */
    SPREAD,
    /** The one with the most containers that still has room. */
    PACK
}
