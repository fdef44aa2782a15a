package io.berth.gateway.node;

import io.berth.docker.error.InvalidParameter;
import io.berth.gateway.route.Backend;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the node that has something: from what is known, or else by asking all that answer. What no node has is left to
 * the first node to say, in its own words. Blocks while it asks, so not for event loops. Thread-safe.
 */
public final class Locator {
    private static final int REMEMBERED_EXECS = 4096;

    private final Nodes nodes;
    /** Which node an exec is on: its id alone does not tell its container. */
    private final Map<String, String> execs = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > REMEMBERED_EXECS;
        }
    });

    public Locator(Nodes nodes) {
        this.nodes = nodes;
    }

    /**
     * The node that is known to have a container; empty when nothing is known of it. Never blocks.
     *
     * @param reference id, name, or beginning of an id
     * @throws InvalidParameter when several nodes have containers that it could mean, in Docker's words
     */
    public Optional<Node> known(String reference) {
        List<Node> exact = nodes.all().stream()
                .filter(node -> node.containers().find(reference) != null)
                .toList();
        List<Node> found = exact.isEmpty()
                ? nodes.all().stream()
                        .filter(node ->
                                !reference.isEmpty() && node.containers().hasPrefix(reference))
                        .toList()
                : exact;
        if (found.size() > 1) {
            throw new InvalidParameter("multiple IDs found with provided prefix: " + reference);
        }
        return found.stream().findFirst();
    }

    /** The node of a container. */
    public Node container(String reference) {
        return known(reference)
                .or(() -> owner(Backend.ENGINE, "/containers/" + segment(reference) + "/json"))
                .orElseGet(nodes::first);
    }

    /** The node of an exec, by its id. */
    public Node exec(String id) {
        String name = execs.get(id);
        Optional<Node> known =
                nodes.all().stream().filter(node -> node.name().equals(name)).findFirst();
        if (known.isPresent()) {
            return known.get();
        }
        Optional<Node> found = owner(Backend.ENGINE, "/exec/" + segment(id) + "/json");
        found.ifPresent(node -> execs.put(id, node.name()));
        return found.orElseGet(nodes::first);
    }

    /** A node that has an image; that of builds rather than another. */
    public Node image(String reference) {
        List<Node> owners = owners(Backend.IMAGE, imagePath(reference));
        return owners.stream().findFirst().orElseGet(nodes::first);
    }

    /** The path by which an image is inspected. */
    public static String imagePath(String reference) {
        return "/images/"
                + encoded(reference).replace("%2F", "/").replace("%3A", ":").replace("%40", "@") + "/json";
    }

    /** The node of a volume. */
    public Node volume(String name) {
        return owner(Backend.ENGINE, "/volumes/" + segment(name)).orElseGet(nodes::first);
    }

    /** All nodes that answer this path with success, in order. */
    public List<Node> owners(Backend backend, String path) {
        return Fan.ask(nodes.reachable(), Fan.QUICK, node -> node.client().get(backend, path)).good().stream()
                .map(Answer::node)
                .toList();
    }

    private Optional<Node> owner(Backend backend, String path) {
        return owners(backend, path).stream().findFirst();
    }

    /** A decoded path segment as it is written in a path. */
    public static String segment(String decoded) {
        return encoded(decoded);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
