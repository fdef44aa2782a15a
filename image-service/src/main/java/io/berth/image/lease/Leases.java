package io.berth.image.lease;

import io.berth.oci.Digest;
import java.util.HashSet;
import java.util.Set;
import org.springframework.stereotype.Component;

/** The open leases. Its monitor is the lock that orders «hold» against «collect what nobody holds». */
@Component
public final class Leases {
    private final Set<Lease> open = new HashSet<>();

    /** A new lease of the platform's own that holds nothing. */
    public Lease open() {
        return open(Bearer.PLATFORM);
    }

    /** A new lease that holds nothing. */
    public Lease open(Bearer bearer) {
        Lease lease = new Lease(this, bearer);
        synchronized (this) {
            open.add(lease);
        }
        return lease;
    }

    /**
     * Runs the removal unless some lease holds the digest. While it runs no lease can begin to hold anything, so keep it
     * short: make the content invisible, no more.
     *
     * @return whether it ran
     */
    public boolean unlessHeld(Digest digest, Runnable removal) {
        synchronized (this) {
            if (open.stream().anyMatch(lease -> lease.holds(digest))) {
                return false;
            }
            removal.run();
            return true;
        }
    }

    void release(Lease lease) {
        synchronized (this) {
            open.remove(lease);
        }
    }
}
