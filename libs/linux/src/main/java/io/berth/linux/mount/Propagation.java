package io.berth.linux.mount;

/** How mounts and unmounts below a mount travel to its peers (Documentation/filesystems/sharedsubtree.rst). */
public enum Propagation {
    UNBINDABLE(1 << 17),
    PRIVATE(1 << 18),
    SLAVE(1 << 19),
    SHARED(1 << 20);

    private final long bit;

    Propagation(long bit) {
        this.bit = bit;
    }

    public long bit() {
        return bit;
    }
}
