package io.berth.engine.kept;

/** Kinds of definitions that are kept. */
public enum Kind {
    CONTAINER(4 * 1024, true),
    NETWORK(4 * 1024, true),
    VOLUME(512, true),
    SECRET(1024, true),
    EXEC(1024, false);

    private final long baseBytes;
    private final boolean stored;

    Kind(long baseBytes, boolean stored) {
        this.baseBytes = baseBytes;
        this.stored = stored;
    }

    /** Bytes of the heap that one takes beside its definition, about: the objects of its state, and its places in maps. */
    long baseBytes() {
        return baseBytes;
    }

    /** Whether it is in the database, too, whose columns end somewhere. */
    boolean stored() {
        return stored;
    }
}
