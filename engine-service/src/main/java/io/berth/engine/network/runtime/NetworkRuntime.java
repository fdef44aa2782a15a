package io.berth.engine.network.runtime;

import io.berth.linux.fd.Fd;
import io.berth.linux.netlink.IpPrefix;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Networks in the kernel: links, addresses, routes and the firewall's rules, in the network namespace that the engine runs in.
 *
 * <p>Thread-safe. Failures are {@link NetworkFailure}s; what a failed call had made is gone again.
 */
public interface NetworkRuntime {
    /** Subnets that the host has routes for, without its default routes: pools of addresses must not overlap them. */
    List<IpPrefix> occupied();

    /** What the host reaches and has itself, by its routes, addresses and name servers: subnets that users choose may touch it. */
    List<HostUse> hostUses();

    /**
     * Makes a network's link, with its addresses, and its rules. What is there already stays, and what is missing is added: also
     * one that somebody has deleted.
     */
    void raise(NetworkPlan network);

    /** Removes a network's link, where the engine made it, and its rules. Nothing happens when there are none. */
    void lower(NetworkPlan network);

    /**
     * Makes a namespace, with {@code lo} and these connections, whose networks have been raised.
     *
     * @param userNamespace that owns it; null for the engine's
     * @param named whether the container has the engine's name server, whose sockets are opened then
     */
    Sandbox open(List<EndpointPlan> endpoints, @Nullable Fd userNamespace, boolean named);

    /** Connects a container that runs. */
    Attachment attach(Fd namespace, EndpointPlan endpoint);

    /** Disconnects one that runs: its interface and rules go. */
    void detach(Fd namespace, Attachment attachment);

    /** Lets a container's default routes go through other gateways, after networks were connected or disconnected. */
    void route(Fd namespace, EndpointPlan endpoint);

    /** Publishes other ports through a connection that there is. */
    Attachment publish(Attachment attachment, EndpointPlan changed);

    /** Ends the rules of a connection whose namespace is gone, or goes. */
    void release(Attachment attachment);

    /**
     * Brings the kernel's state in line with the engine's at start: removes links of networks that are not listed, and replaces
     * all rules in one transaction.
     *
     * @param networks that have connections
     * @param running connections of containers that run
     */
    void reconcile(Collection<NetworkPlan> networks, Collection<Attachment> running);
}
