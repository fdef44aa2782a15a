package io.berth.engine.network;

import io.berth.docker.error.Conflict;
import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.SystemFailure;
import io.berth.engine.caller.Caller;
import io.berth.engine.caller.Callers;
import io.berth.engine.event.EngineEvents;
import io.berth.engine.kept.KeptDefinitions;
import io.berth.engine.kept.Kind;
import io.berth.engine.network.runtime.HostUse;
import io.berth.engine.network.runtime.NetworkFailure;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.engine.network.runtime.NetworkRuntime;
import io.berth.linux.netlink.IpPrefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * All networks of this node, by id and by name.
 *
 * <p>Thread-safe. One lock orders creations and removals; reading never takes it. What returns has been written.
 */
@Component
public final class Networks {
    private final NetworkStore store;
    private final NetworkRuntime runtime;
    private final EngineEvents events;
    private final KeptDefinitions kept;
    private final ConcurrentMap<String, Network> byId = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();

    Networks(NetworkStore store, NetworkRuntime runtime, EngineEvents events, KeptDefinitions kept) {
        this.store = store;
        this.runtime = runtime;
        this.events = events;
        this.kept = kept;
    }

    /**
     * Finds a network among those that are there for the present caller: by full id, else by name, else by a prefix of its id, in
     * this order as Docker does.
     *
     * @throws NoSuchNetwork when there is none
     * @throws InvalidParameter when a prefix is that of several
     */
    public Network find(String reference) {
        return lookUp(reference).orElseThrow(() -> new NoSuchNetwork(reference));
    }

    /**
     * The same where there may be none.
     *
     * @throws InvalidParameter when a prefix is that of several
     */
    public Optional<Network> lookUp(String reference) {
        Caller caller = Callers.current();
        Optional<Network> exact = byId(reference)
                .filter(network -> caller.sees(network.spec().labels()))
                .or(() -> byName(reference)
                        .filter(network -> caller.sees(network.spec().labels())));
        if (exact.isPresent()) {
            return exact;
        }
        List<Network> found = reference.isEmpty()
                ? List.of()
                : byId.values().stream()
                        .filter(network -> network.spec().id().startsWith(reference))
                        .filter(network -> caller.sees(network.spec().labels()))
                        .toList();
        if (found.size() > 1) {
            throw new InvalidParameter(
                    "network " + reference + " is ambiguous (" + found.size() + " matches found based on ID prefix)");
        }
        return found.stream().findFirst();
    }

    /**
     * The network that a container may be created in: also one of those that every engine has, which everybody knows by name.
     *
     * @throws InvalidParameter when a prefix is that of several
     */
    public Optional<Network> toJoin(String reference) {
        return byName(reference).filter(network -> network.spec().predefined()).or(() -> lookUp(reference));
    }

    /** The network of this name, if there is one. */
    public Optional<Network> byName(String name) {
        return byId.values().stream()
                .filter(network -> network.spec().name().equals(name))
                .findFirst();
    }

    /** The network of this id, if there is one. */
    Optional<Network> byId(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** All of them, by name. */
    public List<Network> all() {
        return byId.values().stream()
                .sorted(Comparator.comparing((Network network) -> network.spec().name()))
                .toList();
    }

    Collection<Network> unordered() {
        return byId.values();
    }

    /** Subnets that are in use: those of networks, and what the host itself reaches. */
    List<IpPrefix> subnetsInUse(boolean withHost) {
        List<IpPrefix> inUse = new ArrayList<>();
        if (withHost) {
            inUse.addAll(runtime.occupied());
            hostUses().stream()
                    .filter(use -> use.kind() != HostUse.Kind.ROUTE)
                    .forEach(use -> inUse.add(IpPrefix.of(use.prefix().address())));
        }
        byId.values().forEach(network -> network.pools().forEach(pool -> inUse.add(pool.subnet())));
        return inUse;
    }

    /** What the host itself reaches and has. */
    List<HostUse> hostUses() {
        return runtime.hostUses();
    }

    /**
     * Adds a network and returns when it is on disk.
     *
     * @param maker makes what it is to be, while no other is created
     * @throws Conflict when those that are kept take too much memory
     */
    Network add(Function<Networks, NetworkSpec> maker) {
        Network added = exclusively(() -> {
            NetworkSpec spec = maker.apply(this);
            Network network = new Network(spec, plan(spec));
            network.plan().ifPresent(this::refuseSameLink);
            kept.put(Kind.NETWORK, spec.id(), spec.labels(), spec);
            try {
                raise(network);
                insert(network);
            } catch (RuntimeException e) {
                kept.remove(Kind.NETWORK, spec.id());
                throw e;
            }
            byId.put(spec.id(), network);
            return network;
        });
        publish(added, "create", Map.of());
        return added;
    }

    private void insert(Network network) {
        try {
            store.insert(network.spec());
        } catch (RuntimeException e) {
            network.plan().ifPresent(this::lower);
            throw e;
        }
    }

    private void raise(Network network) {
        try {
            network.raise(runtime::raise);
        } catch (NetworkFailure e) {
            throw new SystemFailure(String.valueOf(e.getMessage()), e);
        }
    }

    private static @Nullable NetworkPlan plan(NetworkSpec spec) {
        boolean inKernel = !spec.configOnly()
                && !spec.driver().equals(NetworkSpec.HOST)
                && !spec.driver().equals(NetworkSpec.NULL);
        return inKernel ? NetworkOptions.plan(spec) : null;
    }

    private void refuseSameLink(NetworkPlan plan) {
        if (plan.driver() != NetworkPlan.Driver.BRIDGE) {
            return;
        }
        for (Network other : byId.values()) {
            Optional<NetworkPlan> others = other.plan();
            if (others.isPresent()
                    && others.get().driver() == NetworkPlan.Driver.BRIDGE
                    && others.get().link().equals(plan.link())) {
                throw new Forbidden("cannot create network " + plan.id() + " (" + plan.link()
                        + "): conflicts with network " + others.get().id() + " (" + plan.link()
                        + "): networks have same bridge name");
            }
        }
    }

    /** Takes one that is on disk already, when the engine starts. */
    void load(NetworkSpec spec) {
        kept.load(Kind.NETWORK, spec.id(), spec.labels(), spec);
        byId.put(spec.id(), new Network(spec, plan(spec)));
    }

    /**
     * Removes a network.
     *
     * @throws Forbidden when it is predefined, or containers are connected, in moby's words
     * @throws SystemFailure when the kernel keeps it
     */
    public void remove(Network network) {
        NetworkSpec spec = network.spec();
        if (spec.predefined()) {
            throw new Forbidden(spec.name() + " is a pre-defined network and cannot be removed");
        }
        exclusively(() -> {
            refuseUsedConfiguration(spec);
            network.exclusively(() -> retire(network));
            return true;
        });
        publish(network, "destroy", Map.of());
    }

    private void retire(Network network) {
        NetworkSpec spec = network.spec();
        if (network.isRemoved()) {
            throw new NoSuchNetwork(spec.name());
        }
        if (!network.members().isEmpty()) {
            throw new Forbidden("error while removing network: network " + spec.name() + " id " + spec.id()
                    + " has active endpoints");
        }
        // The row first: what is left in the kernel without one is removed at the next start.
        store.delete(spec.id());
        network.markRemoved();
        byId.remove(spec.id());
        kept.remove(Kind.NETWORK, spec.id());
        network.plan().ifPresent(this::lower);
    }

    private void lower(NetworkPlan plan) {
        try {
            runtime.lower(plan);
        } catch (NetworkFailure e) {
            throw new SystemFailure("error while removing network: " + e.getMessage(), e);
        }
    }

    private void refuseUsedConfiguration(NetworkSpec spec) {
        if (spec.configOnly()
                && byId.values().stream()
                        .anyMatch(other -> other.spec().configFrom().equals(spec.name()))) {
            throw new Forbidden(
                    "error while removing network: configuration network \"" + spec.name() + "\" is in use");
        }
    }

    /** Publishes an event of a network's. */
    void publish(Network network, String action, Map<String, String> attributes) {
        Map<String, String> all = new HashMap<>(attributes);
        all.put("name", network.spec().name());
        all.put("type", network.spec().driver());
        events.publish("network", action, network.spec().id(), all);
    }

    private <T> T exclusively(Supplier<T> change) {
        lock.lock();
        try {
            return change.get();
        } finally {
            lock.unlock();
        }
    }

    /** Refuses a name that another network has. */
    void refuseSameName(String name) {
        if (byName(name).isPresent()) {
            throw new Conflict("network with name " + name + " already exists");
        }
    }
}
