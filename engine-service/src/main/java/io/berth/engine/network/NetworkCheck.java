package io.berth.engine.network;

import io.berth.engine.network.kernel.RouteOverlaps;
import io.berth.linux.host.Finding;

/** What the host's check tells of networks. It needs no running engine. */
public final class NetworkCheck {
    private NetworkCheck() {}

    /** Looks at the network namespace that this runs in. */
    public static Finding run() {
        return RouteOverlaps.check();
    }
}
