package io.berth.engine.network.kernel;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.netlink.LinkKind;
import io.berth.linux.netlink.LinkRequests;
import io.berth.linux.netlink.NewLink;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;

/** Makes pairs of which the host's end is a port of a bridge. Thread-safe. */
final class Ports {
    private static final int ATTEMPTS = 5;
    private static final int NAME_BITS = 28;

    private final HostLinks links;

    Ports(HostLinks links) {
        this.links = links;
    }

    /**
     * Makes a pair. The host's end is up; frames pass as soon as the other is.
     *
     * @param peer the other end, with the namespace that it is made in
     * @return name of the host's end: as Docker's, {@code veth} and seven hex digits
     */
    String make(Port port, NewLink peer) {
        for (int attempt = 1; ; attempt++) {
            String name = String.format("veth%07x", ThreadLocalRandom.current().nextInt(1 << NAME_BITS));
            try {
                links.execute(NewLink.of(name, new LinkKind.Veth(peer.withMtu(port.mtu())))
                        .withMtu(port.mtu())
                        .withMaster(port.bridge())
                        .up()
                        .request());
            } catch (SyscallException e) {
                // Also what the kernel says when the peer's name is taken.
                if (e.errno() == Errno.EEXIST && attempt < ATTEMPTS) {
                    continue;
                }
                throw e;
            }
            if (port.hairpin()) {
                letFramesReturn(name);
            }
            return name;
        }
    }

    private void letFramesReturn(String name) {
        try {
            links.execute(LinkRequests.hairpin(name, true));
        } catch (RuntimeException e) {
            links.delete(name);
            throw e;
        }
    }

    /**
     * Ends what goes through a port whose other end is about to go with its namespace, which the kernel takes its time for:
     * till then the container's addresses, which another one may have by then, would still be answered for.
     *
     * @param name empty for none; nothing happens when it has gone
     */
    void shut(String name) {
        if (name.isEmpty()) {
            return;
        }
        OptionalInt index = links.index(name);
        if (index.isEmpty()) {
            return;
        }
        try {
            links.executeUnlessGone(LinkRequests.shut(index.getAsInt()));
        } catch (SyscallException e) {
            // Asked afterwards only, since that waits for the kernel's lock of links: whether it was no port any more.
            if (links.find(name).filter(link -> link.masterIndex() != 0).isPresent()) {
                throw e;
            }
        }
    }
}
