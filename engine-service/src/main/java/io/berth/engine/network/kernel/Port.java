package io.berth.engine.network.kernel;

/**
 * What a port of a bridge is, beside its name.
 *
 * @param bridge its index
 * @param mtu bytes; 0 for the kernel's choice
 * @param hairpin whether frames may go back where they came from
 * @param named whether the namespace behind it has the engine's name server
 */
record Port(int bridge, int mtu, boolean hairpin, boolean named) {
    /** Whether it is the same to the bridge. */
    boolean isLike(Port other) {
        return bridge == other.bridge && mtu == other.mtu && hairpin == other.hairpin;
    }
}
