package io.berth.image.layer;

import io.berth.docker.error.InvalidParameter;
import io.berth.oci.Digest;

/** A layer's archive is another one than the image's configuration says. Nothing of it is kept. */
public final class DiffIdMismatch extends InvalidParameter {
    private static final long serialVersionUID = 1L;

    private final transient Digest expected;
    private final transient Digest actual;

    DiffIdMismatch(Digest expected, Digest actual) {
        super("layer does not have the diff id that the image configuration says: expected " + expected + ", got "
                + actual);
        this.expected = expected;
        this.actual = actual;
    }

    /** What the configuration says. */
    public Digest expected() {
        return expected;
    }

    /** What the archive has. */
    public Digest actual() {
        return actual;
    }
}
