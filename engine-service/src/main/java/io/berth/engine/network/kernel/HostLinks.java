package io.berth.engine.network.kernel;

import io.berth.engine.network.runtime.NetworkFailure;
import io.berth.linux.Errno;
import io.berth.linux.netlink.Link;
import io.berth.linux.netlink.LinkAddress;
import io.berth.linux.netlink.LinkRequests;
import io.berth.linux.netlink.NetlinkRequest;
import io.berth.linux.netlink.NetlinkSocket;
import io.berth.linux.netlink.NewLink;
import io.berth.linux.netlink.Route;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The links of the network namespace that the engine runs in, by one socket that all threads share: one at a time, which the
 * kernel's own lock of links makes of them anyway. Belongs to the namespace of the thread that opened it, whoever calls.
 */
final class HostLinks implements AutoCloseable {
    private final NetlinkSocket socket;

    private HostLinks(NetlinkSocket socket) {
        this.socket = socket;
    }

    static HostLinks open() {
        return new HostLinks(NetlinkSocket.open());
    }

    synchronized void execute(List<NetlinkRequest> requests) {
        socket.execute(requests);
    }

    void execute(NetlinkRequest... requests) {
        execute(List.of(requests));
    }

    synchronized OptionalInt index(String name) {
        return socket.index(name);
    }

    synchronized Optional<Link> find(String name) {
        return socket.link(name);
    }

    /**
     * A link that has just been seen or made.
     *
     * @throws NetworkFailure when somebody has removed it since
     */
    Link require(String name) {
        return find(name).orElseThrow(() -> new NetworkFailure("link " + name + " has gone", null));
    }

    synchronized List<Link> all() {
        return socket.links();
    }

    synchronized List<LinkAddress> addresses() {
        return socket.addresses();
    }

    synchronized List<Route> routes() {
        return socket.routes();
    }

    /** Makes a link of the host and marks it; where it cannot be marked, it is not made. */
    Link make(NewLink link, String alias) {
        execute(link.request());
        try {
            int index = require(link.name()).index();
            execute(LinkRequests.alias(index, alias));
            return require(link.name());
        } catch (RuntimeException e) {
            delete(link.name());
            throw e;
        }
    }

    /** Removes a link; nothing when there is none. */
    void delete(String name) {
        executeUnlessGone(LinkRequests.delete(name));
    }

    /** Does something to a link; nothing when there is none. */
    synchronized void executeUnlessGone(NetlinkRequest request) {
        boolean _ = socket.executeUnless(Errno.ENODEV, request);
    }

    @Override
    public synchronized void close() {
        socket.close();
    }
}
