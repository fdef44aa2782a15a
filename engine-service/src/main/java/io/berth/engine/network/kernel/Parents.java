package io.berth.engine.network.kernel;

import io.berth.engine.network.runtime.NetworkFailure;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.linux.netlink.Link;
import io.berth.linux.netlink.LinkKind;
import io.berth.linux.netlink.LinkRequests;
import io.berth.linux.netlink.NewLink;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The links that those of macvlan and ipvlan networks are on: one of the host's, the part with a VLAN tag of one, which is made
 * when it is missing ({@code eth0.10}), or a dummy of the network's own, through which nothing leaves the host
 * (moby: libnetwork/drivers/macvlan/macvlan_setup.go). Thread-safe.
 */
final class Parents {
    private static final int SHORT_ID = 12;

    private final HostLinks links;
    private final LinkOwner owner;
    /** Parents by id of the networks that use them; several may use one. Guarded by this. */
    private final Map<String, String> raised = new HashMap<>();

    Parents(HostLinks links, LinkOwner owner) {
        this.links = links;
        this.owner = owner;
    }

    /** The parent's name. */
    static String nameFor(NetworkPlan network) {
        return network.link().isEmpty() ? "dm-" + network.id().substring(0, SHORT_ID) : network.link();
    }

    /** @return the parent's index; it is raised where somebody has removed it */
    int indexOf(NetworkPlan network) {
        return links.index(nameFor(network)).orElseGet(() -> raise(network));
    }

    /** @return the parent's index */
    synchronized int raise(NetworkPlan network) {
        String name = nameFor(network);
        Link parent = links.find(name).orElseGet(() -> make(network, name));
        raised.put(network.id(), name);
        return parent.index();
    }

    private Link make(NetworkPlan network, String name) {
        if (network.link().isEmpty()) {
            return links.make(NewLink.of(name, new LinkKind.Dummy()).up(), owner.alias(network.id()));
        }
        int dot = name.lastIndexOf('.');
        if (dot < 0 || !name.substring(dot + 1).matches("[1-9]\\d{0,3}")) {
            throw new NetworkFailure("the parent link " + name + " does not exist", null);
        }
        String below = name.substring(0, dot);
        int tag = Integer.parseInt(name.substring(dot + 1));
        Link trunk = links.find(below)
                .orElseThrow(() -> new NetworkFailure("the parent link " + below + " does not exist", null));
        return links.make(
                NewLink.of(name, new LinkKind.Vlan(trunk.index(), tag)).up(), owner.alias(network.id()));
    }

    /** Removes the parent where the engine made it, unless another network has come to use it: then it is that one's now. */
    synchronized void lower(NetworkPlan network) {
        String name = nameFor(network);
        raised.remove(network.id());
        Optional<Link> own = links.find(name).filter(link -> owner.made(link, network.id()));
        if (own.isEmpty()) {
            return;
        }
        Optional<String> heir = raised.entrySet().stream()
                .filter(entry -> entry.getValue().equals(name))
                .map(Map.Entry::getKey)
                .findFirst();
        if (heir.isPresent()) {
            links.execute(LinkRequests.alias(own.get().index(), owner.alias(heir.get())));
        } else {
            links.delete(name);
        }
    }
}
