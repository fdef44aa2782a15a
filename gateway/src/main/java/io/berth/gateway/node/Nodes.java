package io.berth.gateway.node;

import io.berth.docker.error.Conflict;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.docker.error.Unavailable;
import io.berth.unixhttp.PlatformKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All nodes. With one, nothing is watched, kept or asked. Thread-safe: the list is replaced as a whole under this object's
 * lock.
 */
public final class Nodes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Nodes.class);

    private final PlatformKey key;
    private final NodeStore store;
    private final Duration patience;
    private final Map<String, NodeWatch> watches = new HashMap<>();
    private volatile List<Node> nodes;

    /**
     * @param local the pair of the platform itself, which is always there
     * @param configured others that the settings name; they are not kept, for the settings keep them
     * @param file keeps what is registered at run time
     * @param patience how long a node may take to say that it lives
     */
    public Nodes(NodeSpec local, List<NodeSpec> configured, Path file, PlatformKey key, Duration patience) {
        this.key = key;
        this.store = new NodeStore(file);
        this.patience = patience;
        Map<String, NodeStore.Kept> kept = new HashMap<>();
        List<NodeStore.Kept> loaded = store.load();
        loaded.forEach(one -> kept.put(one.name(), one));
        List<Node> all = new ArrayList<>();
        all.add(new Node(local, true, key, availability(kept, local.name())));
        for (NodeSpec spec : configured) {
            all.add(new Node(spec, false, keyOf(spec), availability(kept, spec.name())));
        }
        for (NodeStore.Kept one : loaded) {
            if (all.stream().noneMatch(node -> node.name().equals(one.name()))) {
                try {
                    all.add(new Node(one.spec(), false, keyOf(one.spec()), Availability.parse(one.availability())));
                } catch (InvalidParameter e) {
                    // One node whose key has gone must not keep the gateway from serving the others.
                    LOG.atError().addKeyValue("node", one.name()).setCause(e).log("node cannot be used");
                }
            }
        }
        this.nodes = List.copyOf(all);
        watchAll();
    }

    private static Availability availability(Map<String, NodeStore.Kept> kept, String name) {
        NodeStore.Kept one = kept.get(name);
        return one == null ? Availability.ACTIVE : Availability.parse(one.availability());
    }

    private PlatformKey keyOf(NodeSpec spec) {
        if (spec.keyFile() == null) {
            return key;
        }
        try {
            return PlatformKey.read(spec.keyFile());
        } catch (RuntimeException e) {
            throw new InvalidParameter("the key of node " + spec.name() + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** Whether there is more than one, so that requests must be told apart. */
    public boolean several() {
        return nodes.size() > 1;
    }

    /** All of them, the local one first, the others as they came. */
    public List<Node> all() {
        return nodes;
    }

    /** Those that can be asked. */
    public List<Node> reachable() {
        return nodes.stream().filter(Node::reachable).toList();
    }

    /** Those that can be asked and take new containers. */
    public List<Node> active() {
        return nodes.stream()
                .filter(node -> node.availability() == Availability.ACTIVE && node.reachable())
                .toList();
    }

    /** Those that should take work and do not answer. */
    public List<Node> silent() {
        return nodes.stream()
                .filter(node -> node.availability() == Availability.ACTIVE && !node.reachable())
                .toList();
    }

    /** The local one when it answers, otherwise the first that does. */
    public Node first() {
        return nodes.stream().filter(Node::reachable).findFirst().orElse(nodes.getFirst());
    }

    /**
     * Where images are built and imported: one node, so that a build finds what an earlier one made. The first active one whose
     * label {@code io.berth.node.builder} is {@code true}, or else the first active one.
     *
     * @throws Unavailable when none is active
     */
    public Node builder() {
        List<Node> candidates = active();
        return candidates.stream()
                .filter(node -> "true".equals(node.spec().labels().get("io.berth.node.builder")))
                .findFirst()
                .or(() -> candidates.stream().findFirst())
                .orElseThrow(() -> new Unavailable("no node is active"));
    }

    /**
     * @throws NotFound when there is none of that name
     */
    public Node named(String name) {
        return nodes.stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new NotFound("No such node: " + name));
    }

    /**
     * Adds a node for good; returns when that is durable.
     *
     * @throws Conflict when the name or a socket is taken
     * @throws InvalidParameter when its key file cannot be used
     */
    public synchronized Node add(NodeSpec spec, Availability availability) {
        for (Node node : nodes) {
            if (node.name().equals(spec.name())) {
                throw new Conflict("node " + spec.name() + " is there already");
            }
            if (node.spec().engineSocket().equals(spec.engineSocket())
                    || node.spec().imageSocket().equals(spec.imageSocket())) {
                throw new Conflict("the sockets are those of node " + node.name());
            }
        }
        Node added = new Node(spec, false, keyOf(spec), availability);
        List<Node> next = new ArrayList<>(nodes);
        next.add(added);
        save(next);
        nodes = List.copyOf(next);
        watchAll();
        LOG.atInfo().addKeyValue("node", spec.name()).log("node added");
        return added;
    }

    /**
     * Forgets a node; what runs there goes on without this gateway.
     *
     * @throws Conflict when it is the local one
     * @throws NotFound when there is none of that name
     */
    public synchronized void remove(String name) {
        Node gone = named(name);
        if (gone.local()) {
            throw new Conflict("node " + name + " is the platform's own and cannot be removed");
        }
        List<Node> next = nodes.stream().filter(node -> node != gone).toList();
        save(next);
        nodes = next;
        NodeWatch watch = watches.remove(name);
        if (watch != null) {
            watch.close();
        }
        if (!several()) {
            watches.values().forEach(NodeWatch::close);
            watches.clear();
        }
        LOG.atInfo().addKeyValue("node", name).log("node removed");
    }

    /** Changes what is wanted of a node; returns when that is durable. */
    public synchronized Node become(String name, Availability availability) {
        Node node = named(name);
        Availability before = node.availability();
        node.become(availability);
        try {
            save(nodes);
        } catch (RuntimeException e) {
            node.become(before);
            throw e;
        }
        LOG.atInfo()
                .addKeyValue("node", name)
                .addKeyValue("availability", availability.text())
                .log("node availability changed");
        return node;
    }

    private void save(List<Node> wanted) {
        store.save(wanted.stream()
                .map(node -> NodeStore.Kept.of(node.spec(), node.availability()))
                .toList());
    }

    private synchronized void watchAll() {
        if (!several()) {
            return;
        }
        for (Node node : nodes) {
            NodeWatch _ = watches.computeIfAbsent(node.name(), _ -> NodeWatch.start(node, patience));
        }
    }

    /** Waits until every node has been looked at once, so that what runs on them is known. */
    public void awaitFirstLook(Duration limit) {
        List<NodeWatch> all;
        synchronized (this) {
            all = List.copyOf(watches.values());
        }
        long deadline = System.nanoTime() + limit.toNanos();
        for (NodeWatch watch : all) {
            Objects.requireNonNull(watch).awaitFirstLook(Math.max(1, deadline - System.nanoTime()));
        }
    }

    @Override
    public synchronized void close() {
        watches.values().forEach(NodeWatch::close);
        watches.clear();
    }
}
