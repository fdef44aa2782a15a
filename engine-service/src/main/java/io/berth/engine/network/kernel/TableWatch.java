package io.berth.engine.network.kernel;

import io.berth.linux.nftables.NftMonitor;
import io.berth.linux.nftables.NftTable;
import io.berth.linux.poll.FdPoller;
import io.berth.linux.poll.Interest;
import java.util.Set;

/** Tells when somebody else has changed one of some tables. Has a thread of its own until it is closed. */
final class TableWatch implements AutoCloseable {
    private final NftMonitor monitor;
    private final FdPoller poller;

    private TableWatch(NftMonitor monitor, FdPoller poller) {
        this.monitor = monitor;
        this.poller = poller;
    }

    /**
     * Opens one in the calling thread's network namespace.
     *
     * @param own port of the socket whose changes do not count
     * @param changed called on the watch's thread
     */
    static TableWatch open(Set<NftTable> tables, int own, Runnable changed) {
        NftMonitor monitor = NftMonitor.open();
        try {
            FdPoller poller = FdPoller.start("firewall-watch");
            poller.watch(monitor.fd(), Interest.READABLE, (watch, readiness) -> {
                NftMonitor.Changes changes = monitor.changes(own);
                if (tables.stream().anyMatch(changes::mayConcern)) {
                    changed.run();
                }
            });
            return new TableWatch(monitor, poller);
        } catch (RuntimeException e) {
            monitor.close();
            throw e;
        }
    }

    /** Must not be called with a lock that {@code changed} takes. */
    @Override
    public void close() {
        poller.close();
        monitor.close();
    }
}
