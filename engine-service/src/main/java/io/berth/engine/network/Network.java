package io.berth.engine.network;

import io.berth.docker.error.Forbidden;
import io.berth.docker.network.Ipam.IpamConfig;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.linux.netlink.IpPrefix;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A network: its addresses and who is connected.
 *
 * <p>Its lock orders connections, disconnections and the removal; reading never takes it.
 */
public final class Network {
    private final NetworkSpec spec;
    private final @Nullable NetworkPlan plan;
    private final List<AddressPool> pools;
    private final ReentrantLock lock = new ReentrantLock();
    private final ConcurrentMap<String, Member> members = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, List<Endpoint>> names = new ConcurrentHashMap<>();
    private final ConcurrentMap<InetAddress, Member> addresses = new ConcurrentHashMap<>();
    private volatile boolean raised;
    private boolean removed;

    /**
     * @param plan null for one that the kernel does not know
     */
    Network(NetworkSpec spec, @Nullable NetworkPlan plan) {
        this.spec = spec;
        this.plan = plan;
        List<AddressPool> made = new ArrayList<>();
        for (IpamConfig config : spec.pools()) {
            made.add(pool(config));
        }
        this.pools = List.copyOf(made);
    }

    private static AddressPool pool(IpamConfig config) {
        IpPrefix subnet = IpPrefix.parse(String.valueOf(config.subnet()));
        AddressPool pool =
                new AddressPool(subnet, config.ipRange() == null ? subnet : IpPrefix.parse(config.ipRange()));
        if (config.gateway() != null) {
            boolean _ = pool.take(InetAddress.ofLiteral(config.gateway()));
        }
        Map<String, String> others = config.auxiliaryAddresses();
        if (others != null) {
            others.values().forEach(address -> {
                boolean _ = pool.take(InetAddress.ofLiteral(address));
            });
        }
        return pool;
    }

    public NetworkSpec spec() {
        return spec;
    }

    /** How the kernel makes it; empty for {@code host}, {@code none} and mere configurations. */
    Optional<NetworkPlan> plan() {
        return Optional.ofNullable(plan);
    }

    List<AddressPool> pools() {
        return pools;
    }

    /** Who is connected now. */
    Collection<Member> members() {
        return members.values();
    }

    Optional<Member> member(String containerId) {
        return Optional.ofNullable(members.get(containerId));
    }

    /** Does something while nobody connects, disconnects or removes. */
    void exclusively(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }

    /** Has the kernel's part made before the first use; the lock is held. */
    void raise(Consumer<NetworkPlan> maker) {
        if (plan != null && !raised) {
            maker.accept(plan);
            raised = true;
        }
    }

    /**
     * Takes an address for a container.
     *
     * @param wanted or empty for any
     * @return nothing when the network has no addresses of the family
     * @throws Forbidden when the one wanted is taken, or all are, in moby's words
     */
    Optional<IpPrefix> takeAddress(boolean ipv4, String wanted) {
        List<AddressPool> ofFamily =
                pools.stream().filter(pool -> pool.subnet().isIpv4() == ipv4).toList();
        if (ofFamily.isEmpty()) {
            return Optional.empty();
        }
        if (!wanted.isEmpty()) {
            InetAddress address = InetAddress.ofLiteral(wanted);
            return Optional.of(ofFamily.stream()
                    .filter(pool -> pool.take(address))
                    .map(pool -> new IpPrefix(address, pool.subnet().length()))
                    .findFirst()
                    .orElseThrow(() -> new Forbidden("Address already in use")));
        }
        return Optional.of(ofFamily.stream()
                .flatMap(pool -> pool.takeAny().stream())
                .findFirst()
                .orElseThrow(() -> new Forbidden("no available IPv" + (ipv4 ? 4 : 6)
                        + " addresses on this network's address pools: " + spec.name() + " (" + spec.id() + ")")));
    }

    /** Takes an address that a running container has, after the engine was started again. */
    void retakeAddress(InetAddress address) {
        pools.forEach(pool -> {
            boolean _ = pool.take(address);
        });
    }

    void releaseAddress(InetAddress address) {
        pools.forEach(pool -> pool.release(address));
    }

    /** The gateway that its containers use, of a family; or null. */
    @Nullable
    InetAddress gateway(boolean ipv4) {
        for (IpamConfig config : spec.pools()) {
            if (config.gateway() != null) {
                InetAddress gateway = InetAddress.ofLiteral(config.gateway());
                if (IpPrefix.of(gateway).isIpv4() == ipv4) {
                    return gateway;
                }
            }
        }
        return null;
    }

    /** A container is connected; the lock is held. */
    void join(Member member) {
        @Nullable Member before = members.put(member.containerId(), member);
        if (before != null) {
            forget(before);
        }
        for (String name : member.dnsNames()) {
            names.merge(name.toLowerCase(Locale.ROOT), List.of(member.endpoint()), Network::with);
        }
        member.endpoint().addresses().forEach(address -> addresses.put(address, member));
    }

    /** A container is no longer connected; the lock is held. */
    void leave(String containerId) {
        @Nullable Member member = members.remove(containerId);
        if (member != null) {
            forget(member);
        }
    }

    private void forget(Member member) {
        for (String name : member.dnsNames()) {
            names.computeIfPresent(name.toLowerCase(Locale.ROOT), (_, present) -> without(present, member.endpoint()));
        }
        member.endpoint()
                .addresses()
                .forEach(address -> addresses.computeIfPresent(
                        address, (_, other) -> other.containerId().equals(member.containerId()) ? null : other));
    }

    private static List<Endpoint> with(List<Endpoint> present, List<Endpoint> added) {
        List<Endpoint> all = new ArrayList<>(present);
        all.addAll(added);
        return List.copyOf(all);
    }

    private static @Nullable List<Endpoint> without(List<Endpoint> present, Endpoint gone) {
        List<Endpoint> rest = present.stream()
                .filter(endpoint -> !endpoint.id().equals(gone.id()))
                .toList();
        return rest.isEmpty() ? null : rest;
    }

    /** Connections of containers that answer to a name, in lower case. */
    List<Endpoint> named(String name) {
        return names.getOrDefault(name, List.of());
    }

    /** Who has an address. */
    Optional<Member> owner(InetAddress address) {
        return Optional.ofNullable(addresses.get(address));
    }

    /** The removal has begun: nobody can connect any more; the lock is held. */
    void markRemoved() {
        removed = true;
    }

    boolean isRemoved() {
        return removed;
    }
}
