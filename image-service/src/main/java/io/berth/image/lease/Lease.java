package io.berth.image.lease;

import io.berth.oci.Digest;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps blobs and layers that no image refers to yet: hold a digest <em>before</em> asking whether it is there, create the
 * image, then close the lease. Closing only lets go, it deletes nothing; what is unreferenced by then goes with the next
 * collection. Held in memory: a killed process lets go of everything.
 *
 * <p>It also knows whose work it is for and what bytes that work has brought, which is what lets it use content that is here ({@link
 * #mayUse}).
 *
 * <p>Thread-safe, so that the layers of one pull can be fetched in parallel under one lease.
 */
public final class Lease implements AutoCloseable {
    private final Leases leases;
    private final Bearer bearer;
    private final Set<Digest> held = new HashSet<>();
    private final Set<Digest> shown = ConcurrentHashMap.newKeySet();

    Lease(Leases leases, Bearer bearer) {
        this.leases = leases;
        this.bearer = bearer;
    }

    /** Keeps the blob or layer (diff id) with this digest from being collected, whether it exists already or not. */
    public void hold(Digest digest) {
        synchronized (leases) {
            held.add(digest);
        }
    }

    /** The project that what is made goes to; empty for none. */
    public String project() {
        return bearer.project();
    }

    /** Notes that bytes with this digest came by the work that this lease is for. */
    public void show(Digest digest) {
        shown.add(digest);
    }

    /** Whether bytes with this digest came by the work that this lease is for. */
    public boolean wasShown(Digest digest) {
        return shown.contains(digest);
    }

    /** Whether a blob that is here may be used without its bytes being brought. */
    public boolean mayUse(Digest blob) {
        return wasShown(blob) || bearer.sees().test(blob);
    }

    boolean holds(Digest digest) {
        return held.contains(digest);
    }

    @Override
    public void close() {
        leases.release(this);
    }
}
