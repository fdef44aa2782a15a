package io.berth.image.lease;

import io.berth.oci.Digest;
import java.util.HashSet;
import java.util.Set;

/**
 * Keeps blobs and layers that no image refers to yet: hold a digest <em>before</em> asking whether it is there, create the
 * image, then close the lease. Closing only lets go, it deletes nothing; what is unreferenced by then goes with the next
 * collection. Held in memory: a killed process lets go of everything.
 *
 * <p>Thread-safe, so that the layers of one pull can be fetched in parallel under one lease.
 */
public final class Lease implements AutoCloseable {
    private final Leases leases;
    private final Set<Digest> held = new HashSet<>();

    Lease(Leases leases) {
        this.leases = leases;
    }

    /** Keeps the blob or layer (diff id) with this digest from being collected, whether it exists already or not. */
    public void hold(Digest digest) {
        synchronized (leases) {
            held.add(digest);
        }
    }

    boolean holds(Digest digest) {
        return held.contains(digest);
    }

    @Override
    public void close() {
        leases.release(this);
    }
}
