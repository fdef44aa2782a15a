package io.berth.gateway.node;

import io.berth.docker.error.Unavailable;
import io.berth.gateway.route.Backend;
import io.berth.unixhttp.PlatformKey;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * A node as the gateway knows it: what was said of it, whether it answers, and what runs on it. Thread-safe: each part of
 * its state is replaced as a whole.
 */
public final class Node {
    private final NodeSpec spec;
    private final boolean local;
    private final PlatformKey key;
    private final NodeClient client;
    private final KnownContainers containers = new KnownContainers();
    private final Set<Consumer<Unavailable>> waiting = ConcurrentHashMap.newKeySet();
    private volatile Availability availability;
    private volatile Reach reach;
    private volatile Capacity capacity;

    /**
     * What a node has for containers.
     *
     * @param cpus processors, 0 when not known
     * @param memoryBytes 0 when not known
     */
    public record Capacity(double cpus, long memoryBytes) {}

    Node(NodeSpec spec, boolean local, PlatformKey key, Availability availability) {
        this.spec = spec;
        this.local = local;
        this.key = key;
        this.availability = availability;
        this.reach = new Reach(null, null, Instant.now());
        this.capacity = new Capacity(spec.cpus(), spec.memoryBytes());
        this.client = new NodeClient(this);
    }

    public String name() {
        return spec.name();
    }

    public NodeSpec spec() {
        return spec;
    }

    /** Whether it is the pair in the platform's own run directory. */
    public boolean local() {
        return local;
    }

    public NodeClient client() {
        return client;
    }

    public KnownContainers containers() {
        return containers;
    }

    public Availability availability() {
        return availability;
    }

    void become(Availability wanted) {
        availability = wanted;
        if (wanted == Availability.DOWN) {
            dismissWaiting(Backend.ENGINE);
        }
    }

    public Reach reach() {
        return reach;
    }

    public Capacity capacity() {
        return capacity;
    }

    void found(Capacity there) {
        capacity = new Capacity(
                spec.cpus() > 0 ? spec.cpus() : there.cpus(),
                spec.memoryBytes() > 0 ? spec.memoryBytes() : there.memoryBytes());
    }

    void found(Reach now) {
        reach = now;
        if (!now.up()) {
            dismissWaiting(Backend.ENGINE);
        }
    }

    /** Labels that constraints can name, {@code node} among them. */
    public Map<String, String> constraintLabels() {
        Map<String, String> all = new HashMap<>(spec.labels());
        all.put("node", spec.name());
        return all;
    }

    /** Whether it may be asked at all. */
    public boolean reachable() {
        return availability != Availability.DOWN && reach.up();
    }

    /** Why requests to one of its services cannot go there now; empty when they can. */
    public Optional<Unavailable> obstacle(Backend backend) {
        if (availability == Availability.DOWN) {
            return Optional.of(unreachable("an operator has set it down"));
        }
        Reach now = reach;
        if (now.engineCause() != null) {
            return Optional.of(unreachable("engine: " + now.engineCause()));
        }
        return backend == Backend.IMAGE && now.imageCause() != null
                ? Optional.of(unreachable("image-service: " + now.imageCause()))
                : Optional.empty();
    }

    /** The error for those who want something of it that it cannot give. */
    public Unavailable unreachable(String cause) {
        return new Unavailable("node " + name() + " is unreachable: " + cause);
    }

    public Path socket(Backend backend) {
        return backend == Backend.IMAGE ? spec.imageSocket() : spec.engineSocket();
    }

    PlatformKey key() {
        return key;
    }

    /** The credential that its services ask for. */
    public String keyValue() {
        return key.headerValue();
    }

    /** Told once, by any thread, when the node is lost while somebody waits for its answer; see {@link #waitsNoMore}. */
    public void waits(Consumer<Unavailable> waiter) {
        waiting.add(waiter);
    }

    public void waitsNoMore(Consumer<Unavailable> waiter) {
        waiting.remove(waiter);
    }

    private void dismissWaiting(Backend backend) {
        obstacle(backend).ifPresent(error -> waiting.forEach(waiter -> waiter.accept(error)));
    }

    @Override
    public String toString() {
        return name();
    }
}
