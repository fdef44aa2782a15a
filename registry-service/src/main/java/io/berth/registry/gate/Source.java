package io.berth.registry.gate;

/** By which way a request came. All of them carry the platform credential, which the gateway adds to what it forwards. */
public enum Source {
    /** A service of this platform asks by itself. */
    PLATFORM,
    /** The gateway forwards what came through Docker's Unix socket. */
    SOCKET,
    /** The gateway forwards what came over the network. */
    NETWORK
}
