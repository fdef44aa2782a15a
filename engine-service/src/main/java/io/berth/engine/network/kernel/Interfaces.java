package io.berth.engine.network.kernel;

import io.berth.engine.network.runtime.Attachment;
import io.berth.engine.network.runtime.EndpointPlan;
import io.berth.engine.network.runtime.NetworkFailure;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.linux.Errno;
import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import io.berth.linux.netlink.Link;
import io.berth.linux.netlink.LinkKind;
import io.berth.linux.netlink.LinkKind.IpvlanMode;
import io.berth.linux.netlink.LinkKind.IpvlanReach;
import io.berth.linux.netlink.LinkKind.MacvlanMode;
import io.berth.linux.netlink.LinkRequests;
import io.berth.linux.netlink.MacAddress;
import io.berth.linux.netlink.NetlinkRequest;
import io.berth.linux.netlink.NetlinkSocket;
import io.berth.linux.netlink.NewLink;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Makes the interfaces of containers and takes them away. Thread-safe; callable from any thread. */
final class Interfaces {
    private final HostLinks links;
    private final Bridges bridges;
    private final Parents parents;
    private final Ports ports;

    Interfaces(HostLinks links, Bridges bridges, Parents parents, Ports ports) {
        this.links = links;
        this.bridges = bridges;
        this.parents = parents;
        this.ports = ports;
    }

    /** What a port of a network's bridge is to be. */
    Port portOf(NetworkPlan network, boolean named) {
        return new Port(bridges.indexOf(network), network.mtu(), bridges.wantsHairpin(), named);
    }

    /** Makes the interface that a blank sandbox has an endpoint's. */
    Attachment adopt(BlankSandbox blank, BlankSandbox.Plugged plugged, EndpointPlan endpoint) {
        InterfaceSetup setup = new InterfaceSetup(endpoint, plugged.index());
        if (setup.hasParameters()) {
            Namespaces.callIn(blank.namespace(), Namespace.NETWORK, () -> {
                apply(blank.inside(), setup);
                return true;
            });
        } else {
            List<NetlinkRequest> all = new ArrayList<>(setup.identity());
            all.addAll(setup.addressing());
            blank.inside().execute(all);
        }
        return new Attachment(
                endpoint,
                plugged.hostInterface(),
                InterfaceSetup.macOf(endpoint).orElseGet(() -> macOf(blank.inside(), endpoint)));
    }

    private static void apply(NetlinkSocket inside, InterfaceSetup setup) {
        inside.execute(setup.identity());
        setup.setParameters();
        inside.execute(setup.addressing());
    }

    private static MacAddress macOf(NetlinkSocket inside, EndpointPlan endpoint) {
        return MacAddress.parse(find(inside, endpoint).address());
    }

    private static Link find(NetlinkSocket inside, EndpointPlan endpoint) {
        String name = endpoint.interfaceName();
        return inside.link(name)
                .orElseThrow(() -> new NetworkFailure("the container has no interface " + name + " any more", null));
    }

    /** Makes an interface for an endpoint in a namespace. Nothing is left when it fails. */
    Attachment connect(Fd namespace, EndpointPlan endpoint) {
        String hostInterface = make(namespace, endpoint);
        try {
            return Namespaces.callIn(namespace, Namespace.NETWORK, () -> {
                try (NetlinkSocket inside = NetlinkSocket.open()) {
                    Link made = find(inside, endpoint);
                    apply(inside, new InterfaceSetup(endpoint, made.index()));
                    return new Attachment(endpoint, hostInterface, macOf(inside, endpoint));
                }
            });
        } catch (RuntimeException e) {
            remove(namespace, hostInterface, endpoint.interfaceName());
            throw e;
        }
    }

    /** @return name of the host's end of a pair; empty where there is none */
    private String make(Fd namespace, EndpointPlan endpoint) {
        NetworkPlan network = endpoint.network();
        return switch (network.driver()) {
            case BRIDGE ->
                ports.make(
                        portOf(network, false),
                        NewLink.peer(endpoint.interfaceName()).in(namespace));
            case MACVLAN ->
                makeOnParent(namespace, endpoint, new LinkKind.Macvlan(parents.indexOf(network), macvlanMode(network)));
            case IPVLAN ->
                makeOnParent(
                        namespace,
                        endpoint,
                        new LinkKind.Ipvlan(parents.indexOf(network), ipvlanMode(network), IpvlanReach.BRIDGE));
        };
    }

    private String makeOnParent(Fd namespace, EndpointPlan endpoint, LinkKind kind) {
        links.execute(NewLink.of(endpoint.interfaceName(), kind)
                .withMtu(endpoint.network().mtu())
                .in(namespace)
                .request());
        return "";
    }

    private static MacvlanMode macvlanMode(NetworkPlan network) {
        return network.mode().isEmpty()
                ? MacvlanMode.BRIDGE
                : MacvlanMode.valueOf(network.mode().toUpperCase(Locale.ROOT));
    }

    private static IpvlanMode ipvlanMode(NetworkPlan network) {
        return network.mode().isEmpty()
                ? IpvlanMode.L2
                : IpvlanMode.valueOf(network.mode().toUpperCase(Locale.ROOT));
    }

    /** Takes a container's interface away; nothing when it has gone already. */
    void disconnect(Fd namespace, Attachment attachment) {
        remove(namespace, attachment.hostInterface(), attachment.endpoint().interfaceName());
    }

    /** By the host's end where there is one: the container may have renamed its own. */
    private void remove(Fd namespace, String hostInterface, String interfaceName) {
        if (!hostInterface.isEmpty()) {
            links.delete(hostInterface);
            return;
        }
        inside(namespace, inside -> {
            boolean _ = inside.executeUnless(Errno.ENODEV, LinkRequests.delete(interfaceName));
        });
    }

    /** Gives a container an endpoint's default routes. */
    void route(Fd namespace, EndpointPlan endpoint) {
        inside(namespace, inside -> {
            int index = find(inside, endpoint).index();
            inside.execute(new InterfaceSetup(endpoint, index).rerouting());
        });
    }

    private static void inside(Fd namespace, Consumer<NetlinkSocket> work) {
        try (NetlinkSocket inside = NetlinkSocket.openIn(namespace)) {
            work.accept(inside);
        }
    }
}
