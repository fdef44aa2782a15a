package io.berth.engine.network.kernel;

import io.berth.engine.network.runtime.Attachment;
import io.berth.engine.network.runtime.EndpointPlan;
import io.berth.engine.network.runtime.HostUse;
import io.berth.engine.network.runtime.NetworkFailure;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.engine.network.runtime.NetworkPlan.Driver;
import io.berth.engine.network.runtime.NetworkRuntime;
import io.berth.engine.network.runtime.Sandbox;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Fd;
import io.berth.linux.launch.LaunchException;
import io.berth.linux.launch.Launcher;
import io.berth.linux.netlink.IpPrefix;
import io.berth.linux.netlink.Link;
import io.berth.linux.netlink.Route;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Networks by rtnetlink, in the network namespace of the thread that opens this; so must all be that call it. One per engine.
 *
 * <p>What the kernel keeps when the engine dies: bridges and parents, which carry the engine's mark, rules, and the namespaces of
 * containers that run, by their processes.
 */
public final class KernelNetworkRuntime implements NetworkRuntime, AutoCloseable {
    /** Namespaces that belong to a container's own user namespace are made by a launch each, which hangs on nothing. */
    private static final int OWNED_AT_ONCE = 4;

    private final HostLinks links;
    private final LinkOwner owner;
    private final Launcher launcher;
    private final Bridges bridges;
    private final Parents parents;
    private final Ports ports;
    private final Interfaces interfaces;
    private final SandboxPool pool;
    private final Sandboxes sandboxes;
    private final Rules rules;

    private KernelNetworkRuntime(
            HostLinks links, LinkOwner owner, Launcher launcher, Rules rules, NameServers nameServers) {
        this.links = links;
        this.owner = owner;
        this.launcher = launcher;
        this.rules = rules;
        this.bridges = new Bridges(links, owner);
        this.parents = new Parents(links, owner);
        this.ports = new Ports(links);
        this.interfaces = new Interfaces(links, bridges, parents, ports);
        this.pool = SandboxPool.start(ports, nameServers);
        this.sandboxes = new Sandboxes(pool, interfaces, ports, launcher, nameServers);
    }

    /**
     * Prepares this process to make networks.
     *
     * @param owner tells this engine's links from another one's on the same host; the same after a restart; without colons
     * @param rules the firewall
     * @param nameServers of containers that have one
     */
    public static KernelNetworkRuntime open(String owner, Rules rules, NameServers nameServers) {
        return new KernelNetworkRuntime(
                HostLinks.open(), new LinkOwner(owner), Launcher.open(OWNED_AT_ONCE), rules, nameServers);
    }

    @Override
    public List<IpPrefix> occupied() {
        return attempt(() -> links.routes().stream()
                .filter(route -> route.table() == Route.MAIN && route.type() == Route.Type.UNICAST)
                .filter(route -> !route.isDefault())
                .map(Route::destination)
                .filter(destination -> !destination.address().isLinkLocalAddress()
                        && !destination.address().isMulticastAddress())
                .distinct()
                .toList());
    }

    @Override
    public List<HostUse> hostUses() {
        return attempt(() -> Stream.concat(
                        HostUses.of(links.all(), links.addresses(), links.routes()).stream(),
                        HostResolvers.read().stream())
                .toList());
    }

    @Override
    public void raise(NetworkPlan network) {
        attempt(() -> {
            boolean there = links.index(nameOf(network)).isPresent();
            raiseLink(network);
            try {
                rules.raise(network);
                return true;
            } catch (RuntimeException e) {
                if (!there) {
                    lowerLink(network);
                }
                throw e;
            }
        });
    }

    private static String nameOf(NetworkPlan network) {
        return network.driver() == Driver.BRIDGE ? network.link() : Parents.nameFor(network);
    }

    private void raiseLink(NetworkPlan network) {
        int _ = network.driver() == Driver.BRIDGE ? bridges.raise(network) : parents.raise(network);
    }

    private void lowerLink(NetworkPlan network) {
        if (network.driver() == Driver.BRIDGE) {
            bridges.lower(network);
        } else {
            parents.lower(network);
        }
    }

    @Override
    public void lower(NetworkPlan network) {
        attempt(() -> {
            pool.drop(network.id());
            lowerLink(network);
            rules.lower(network);
            return true;
        });
    }

    @Override
    public Sandbox open(List<EndpointPlan> endpoints, @Nullable Fd userNamespace, boolean named) {
        return attempt(() -> sandboxes.open(endpoints, userNamespace, named, rules));
    }

    @Override
    public Attachment attach(Fd namespace, EndpointPlan endpoint) {
        return attempt(() -> {
            Attachment attachment = interfaces.connect(namespace, endpoint);
            try {
                rules.add(List.of(attachment));
                return attachment;
            } catch (RuntimeException e) {
                interfaces.disconnect(namespace, attachment);
                throw e;
            }
        });
    }

    @Override
    public void detach(Fd namespace, Attachment attachment) {
        attempt(() -> {
            // Rules last: while the interface is there, they protect it.
            interfaces.disconnect(namespace, attachment);
            rules.remove(List.of(attachment));
            return true;
        });
    }

    @Override
    public void route(Fd namespace, EndpointPlan endpoint) {
        attempt(() -> {
            interfaces.route(namespace, endpoint);
            return true;
        });
    }

    @Override
    public Attachment publish(Attachment attachment, EndpointPlan changed) {
        return attempt(() -> {
            Attachment published = new Attachment(changed, attachment.hostInterface(), attachment.mac());
            rules.change(List.of(attachment), List.of(published));
            return published;
        });
    }

    @Override
    public void release(Attachment attachment) {
        attempt(() -> {
            ports.shut(attachment.hostInterface());
            rules.remove(List.of(attachment));
            return true;
        });
    }

    @Override
    public void reconcile(Collection<NetworkPlan> networks, Collection<Attachment> running) {
        attempt(() -> {
            Set<String> known = networks.stream().map(NetworkPlan::id).collect(Collectors.toSet());
            for (Link link : links.all()) {
                if (owner.network(link).filter(id -> !known.contains(id)).isPresent()) {
                    links.delete(link.name());
                }
            }
            rules.replace(networks, running);
            return true;
        });
    }

    /** How many sandboxes are made ahead for a network; {@code ""} for those without an interface. */
    int ready(String networkId) {
        return pool.ready(networkId);
    }

    private static <T> T attempt(Supplier<T> work) {
        try {
            return work.get();
        } catch (SyscallException | UncheckedIOException | LaunchException e) {
            throw new NetworkFailure(String.valueOf(e.getMessage()), e);
        }
    }

    /** Drops what was made ahead; networks and containers stay. */
    @Override
    public void close() {
        pool.close();
        launcher.close();
        links.close();
    }
}
