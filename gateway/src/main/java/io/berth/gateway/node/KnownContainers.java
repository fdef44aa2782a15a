package io.berth.gateway.node;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The containers of one node, as it told of them last. It is what finds a container's node, and what is shown of a node
 * that is lost. Thread-safe: replaced as a whole, with the few that came or went since.
 */
public final class KnownContainers {
    private volatile Map<String, Known> byId = Map.of();

    /**
     * A container.
     *
     * @param id 64 hex digits
     * @param name without the leading slash
     * @param memoryBytes reserved or limited to, 0 for none
     * @param nanoCpus limited to, 0 for none
     * @param summary as {@code GET /containers/json} shows it, or null when it was not listed yet
     */
    public record Known(
            String id,
            String name,
            long memoryBytes,
            long nanoCpus,
            @Nullable JsonNode summary) {}

    /** The containers by id. */
    public Map<String, Known> all() {
        return byId;
    }

    /** The container with exactly this id or name, or null. */
    public @Nullable Known find(String reference) {
        Map<String, Known> now = byId;
        Known found = now.get(reference);
        if (found != null) {
            return found;
        }
        String name = reference.startsWith("/") ? reference.substring(1) : reference;
        return now.values().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    /** Whether an id begins so. */
    public boolean hasPrefix(String prefix) {
        return byId.keySet().stream().anyMatch(id -> id.startsWith(prefix));
    }

    synchronized void add(Known container) {
        Map<String, Known> next = new HashMap<>(byId);
        next.put(container.id(), container);
        byId = Map.copyOf(next);
    }

    /** A container that was just made through this gateway; its summary comes with the next list. */
    public void created(String id, String name, Reservation reserved) {
        add(new Known(
                id,
                name.startsWith("/") ? name.substring(1) : name,
                reserved.memoryBytes(),
                reserved.nanoCpus(),
                null));
    }

    synchronized void remove(String id) {
        Map<String, Known> next = new HashMap<>(byId);
        if (next.remove(id) != null) {
            byId = Map.copyOf(next);
        }
    }

    /** Takes over a list; what is reserved is not in lists, so it is kept from before. */
    synchronized void replace(List<JsonNode> listed) {
        Map<String, Known> next = new HashMap<>();
        for (JsonNode summary : listed) {
            String id = summary.path("Id").asString("");
            Known before = byId.get(id);
            next.put(
                    id,
                    new Known(
                            id,
                            name(summary),
                            before == null ? -1 : before.memoryBytes(),
                            before == null ? -1 : before.nanoCpus(),
                            summary));
        }
        byId = Map.copyOf(next);
    }

    /** Takes over what an inspect tells of a container's reservations. */
    synchronized void reserved(String id, long memoryBytes, long nanoCpus) {
        Known known = byId.get(id);
        if (known != null) {
            add(new Known(id, known.name(), memoryBytes, nanoCpus, known.summary()));
        }
    }

    /** A container has several names when others link to it; its own has one slash. */
    private static String name(JsonNode summary) {
        for (JsonNode name : summary.path("Names")) {
            String text = name.asString("");
            if (text.lastIndexOf('/') == 0) {
                return text.substring(1);
            }
        }
        return "";
    }
}
