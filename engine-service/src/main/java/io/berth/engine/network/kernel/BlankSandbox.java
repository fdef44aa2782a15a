package io.berth.engine.network.kernel;

import io.berth.engine.network.dns.DnsSockets;
import io.berth.linux.Sysctl;
import io.berth.linux.fd.Fd;
import io.berth.linux.launch.IdMap;
import io.berth.linux.launch.Launcher;
import io.berth.linux.launch.OwnedNetwork;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import io.berth.linux.netlink.LinkRequests;
import io.berth.linux.netlink.NetlinkSocket;
import io.berth.linux.netlink.NewLink;
import org.jspecify.annotations.Nullable;

/**
 * A network namespace as every container's is, before anything of one container is known: loopback is up, any user may bind low
 * ports and ping, and there may be an interface on a bridge, up but without addresses. This is what takes long to make.
 *
 * <p>Owns the namespace and a socket in it, until {@link #takeNamespace}. The interface goes with the namespace.
 */
final class BlankSandbox implements AutoCloseable {
    /** Docker's name for a container's only interface. */
    static final String INTERFACE = "eth0";

    private final Fd namespace;
    private final NetlinkSocket inside;
    private final @Nullable Plugged plugged;
    private @Nullable DnsSockets nameServer;

    /**
     * An interface on a bridge.
     *
     * @param index inside
     * @param hostInterface the bridge's port
     */
    record Plugged(int index, String hostInterface) {}

    private BlankSandbox(Fd namespace, NetlinkSocket inside, @Nullable Plugged plugged) {
        this.namespace = namespace;
        this.inside = inside;
        this.plugged = plugged;
    }

    /**
     * Makes one.
     *
     * @param port null for no interface
     */
    static BlankSandbox make(Ports ports, NameServers nameServers, @Nullable Port port) {
        return Namespaces.create(Namespace.NETWORK, made -> {
            // As Docker since 20.10. The last group is the highest that the parameter takes.
            BlankSandbox blank = prepare(made, "0 " + Integer.MAX_VALUE, ports, port);
            if (port != null && port.named()) {
                try {
                    blank.nameServer = nameServers.openHere();
                } catch (RuntimeException e) {
                    blank.inside.close();
                    throw e;
                }
            }
            return blank;
        });
    }

    /** Makes one without an interface that belongs to a user namespace, with what its root may do in it. */
    static BlankSandbox makeOwned(Launcher launcher, Fd userNamespace, Ports ports) {
        OwnedNetwork owned = OwnedNetwork.create(launcher, userNamespace);
        IdMap groups = owned.groups();
        String allGroups = groups.outside() + " " + (groups.outside() + groups.count() - 1);
        try {
            return Namespaces.callIn(
                    owned.namespace(), Namespace.NETWORK, () -> prepare(owned.namespace(), allGroups, ports, null));
        } catch (RuntimeException e) {
            owned.namespace().close();
            throw e;
        }
    }

    /** On a thread that is in the namespace. */
    private static BlankSandbox prepare(Fd namespace, String pingGroups, Ports ports, @Nullable Port port) {
        NetlinkSocket inside = NetlinkSocket.open();
        try {
            inside.setUp(LinkRequests.LOOPBACK_INDEX);
            Sysctl.set("net/ipv4/ip_unprivileged_port_start", "0");
            Sysctl.set("net/ipv4/ping_group_range", pingGroups);
            return new BlankSandbox(namespace, inside, port == null ? null : plug(namespace, inside, ports, port));
        } catch (RuntimeException e) {
            inside.close();
            throw e;
        }
    }

    /**
     * The interface is up from here on, so that the bridge has long let its port forward when a container sends its first
     * packet; without IPv6, so that it does not call for routers and neighbours before anybody uses it.
     */
    private static Plugged plug(Fd namespace, NetlinkSocket inside, Ports ports, Port port) {
        String hostInterface = ports.make(port, NewLink.peer(INTERFACE).in(namespace));
        int index = inside.index(INTERFACE).orElseThrow();
        InterfaceSetup.disableIpv6(INTERFACE);
        inside.setUp(index);
        return new Plugged(index, hostInterface);
    }

    Fd namespace() {
        return namespace;
    }

    NetlinkSocket inside() {
        return inside;
    }

    @Nullable
    Plugged plugged() {
        return plugged;
    }

    /** Opens the container's name server unless it is open. */
    void openNameServer(NameServers nameServers) {
        if (nameServer == null) {
            nameServer = Namespaces.callIn(namespace, Namespace.NETWORK, nameServers::openHere);
        }
    }

    void closeNameServer() {
        if (nameServer != null) {
            nameServer.close();
            nameServer = null;
        }
    }

    @Nullable
    DnsSockets nameServer() {
        return nameServer;
    }

    /** Gives the namespace, and the name server, to the caller; what else is owned is closed. */
    Fd takeNamespace() {
        inside.close();
        return namespace;
    }

    @Override
    public void close() {
        inside.close();
        namespace.close();
        closeNameServer();
    }
}
