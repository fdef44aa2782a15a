package io.berth.engine.network.kernel;

import io.berth.engine.network.runtime.Attachment;
import io.berth.engine.network.runtime.NetworkPlan;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the firewall is made for: networks and connections, and which elements they have in its sets. Several of them may need
 * the same element, so they are counted. Not thread-safe: the {@link Firewall}'s lock guards it.
 */
final class FirewallState {
    private final Map<String, NetworkPlan> networks = new LinkedHashMap<>();
    private final Map<String, Attachment> attachments = new LinkedHashMap<>();
    private final Map<FirewallElement, Integer> users = new HashMap<>();

    /**
     * What has to be done in the kernel after a change.
     *
     * @param networks whose chains are to be made before their elements
     * @param gone elements that nobody needs any more
     * @param come elements that nobody needed before
     * @param ended connections that were there and are no longer, or not as they were
     * @param begun connections that are there instead
     */
    record Change(
            List<NetworkPlan> networks,
            Set<FirewallElement> gone,
            Set<FirewallElement> come,
            List<Attachment> ended,
            List<Attachment> begun) {}

    FirewallState copy() {
        FirewallState copy = new FirewallState();
        copy.networks.putAll(networks);
        copy.attachments.putAll(attachments);
        copy.users.putAll(users);
        return copy;
    }

    Collection<NetworkPlan> networks() {
        return networks.values();
    }

    Set<FirewallElement> elements() {
        return users.keySet();
    }

    @Nullable
    NetworkPlan network(String id) {
        return networks.get(id);
    }

    /**
     * Changes connections.
     *
     * @param ended known by their endpoints; those that are not there are passed over
     * @param begun instead of what their endpoints had before; with their networks, if those are not there
     */
    Change change(Collection<Attachment> ended, Collection<Attachment> begun) {
        Set<FirewallElement> gone = new LinkedHashSet<>();
        Set<FirewallElement> come = new LinkedHashSet<>();
        List<NetworkPlan> raised = new ArrayList<>();
        List<Attachment> known = new ArrayList<>();
        for (Attachment attachment : ended) {
            end(attachment, gone, come, known);
        }
        for (Attachment attachment : begun) {
            NetworkPlan network = attachment.endpoint().network();
            if (!networks.containsKey(network.id())) {
                raised.add(network);
                raise(network, gone, come);
            }
            end(attachment, gone, come, known);
            attachments.put(attachment.endpoint().id(), attachment);
            FirewallElements.of(attachment).forEach(element -> use(element, gone, come));
        }
        return new Change(raised, gone, come, known, List.copyOf(begun));
    }

    /** Takes back a change that could not be made in the kernel; the last one. */
    void undo(Change change) {
        change(change.begun(), change.ended());
        change.networks().forEach(this::lower);
    }

    /** Adds a network that is not there. */
    Change raise(NetworkPlan network) {
        Set<FirewallElement> come = new LinkedHashSet<>();
        raise(network, new LinkedHashSet<>(), come);
        return new Change(List.of(network), Set.of(), come, List.of(), List.of());
    }

    /** Forgets a network, if it is there. */
    void lower(NetworkPlan network) {
        NetworkPlan known = networks.remove(network.id());
        if (known != null) {
            FirewallElements.of(known).forEach(element -> drop(element, new LinkedHashSet<>(), new LinkedHashSet<>()));
        }
    }

    private void raise(NetworkPlan network, Set<FirewallElement> gone, Set<FirewallElement> come) {
        networks.put(network.id(), network);
        FirewallElements.of(network).forEach(element -> use(element, gone, come));
    }

    private void end(
            Attachment attachment, Set<FirewallElement> gone, Set<FirewallElement> come, List<Attachment> ended) {
        Attachment known = attachments.remove(attachment.endpoint().id());
        if (known != null) {
            ended.add(known);
            FirewallElements.of(known).forEach(element -> drop(element, gone, come));
        }
    }

    private void use(FirewallElement element, Set<FirewallElement> gone, Set<FirewallElement> come) {
        if (users.merge(element, 1, Integer::sum) == 1 && !gone.remove(element)) {
            come.add(element);
        }
    }

    private void drop(FirewallElement element, Set<FirewallElement> gone, Set<FirewallElement> come) {
        Integer left = users.computeIfPresent(element, (key, count) -> count == 1 ? null : count - 1);
        if (left == null && !come.remove(element)) {
            gone.add(element);
        }
    }
}
