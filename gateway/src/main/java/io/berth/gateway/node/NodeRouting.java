package io.berth.gateway.node;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.InvalidParameter;
import io.berth.gateway.route.Backend;
import io.berth.gateway.route.RequestTarget;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Decides which node a request is for, by its method and canonical path. Called on event loops: what is known is answered
 * at once, what must be asked for is found on a virtual thread. Thread-safe.
 */
public final class NodeRouting {
    private static final NodeChoice ELSEWHERE = new NodeChoice.Elsewhere();
    private static final NodeChoice MERGED = new NodeChoice.Merged();
    /** What is made on all nodes, and goes by its name. */
    private static final Set<String> REPLICATED = Set.of("networks", "secrets", "configs");

    private static final Executor VIRTUAL = task -> {
        Thread _ = Thread.ofVirtual().name("node-locator").start(task);
    };

    private final Nodes nodes;
    private final Locator locator;

    public NodeRouting(Nodes nodes, Locator locator) {
        this.nodes = nodes;
        this.locator = locator;
    }

    /** Whether there is anything to decide: with one node requests go as if there were no nodes. */
    public boolean several() {
        return nodes.several();
    }

    /**
     * Where a request goes; never throws.
     *
     * @param backend that its route names
     */
    public NodeChoice choose(String method, RequestTarget target, Backend backend) {
        try {
            return switch (backend) {
                case ENGINE -> engine(method, target);
                case IMAGE -> image(method, target);
                case REGISTRY, PLATFORM -> ELSEWHERE;
            };
        } catch (ApiException e) {
            return new NodeChoice.At(CompletableFuture.failedStage(e));
        }
    }

    private NodeChoice engine(String method, RequestTarget target) {
        String first = target.first();
        if (REPLICATED.contains(first)) {
            return MERGED;
        }
        return switch (first) {
            case "containers" -> container(method, target);
            case "exec" -> found(() -> locator.exec(target.segment(1)));
            case "volumes" ->
                target.segments().size() == 1
                                || target.segment(1).equals("create")
                                || target.segment(1).equals("prune")
                        ? MERGED
                        : found(() -> locator.volume(target.segment(1)));
            case "commit" -> ofContainer(parameter(target, "container").orElse(""));
            case "events", "info", "system" -> MERGED;
            case "berth" -> at(parameter(target, "node").map(nodes::named).orElseGet(nodes::first));
            default -> at(nodes.first());
        };
    }

    private NodeChoice container(String method, RequestTarget target) {
        String second = target.segment(1);
        if (target.segments().size() == 2 && Set.of("json", "create", "prune").contains(second)) {
            return MERGED;
        }
        boolean shownWithNode = method.equals("GET") && target.segment(2).equals("json");
        return shownWithNode || target.segment(2).equals("rename") ? MERGED : ofContainer(second);
    }

    private NodeChoice ofContainer(String reference) {
        return locator.known(reference).map(this::at).orElseGet(() -> found(() -> locator.container(reference)));
    }

    private NodeChoice image(String method, RequestTarget target) {
        String second = target.segment(1);
        return switch (target.first()) {
            case "build" -> second.equals("prune") ? MERGED : builds();
            case "images" -> {
                if (target.segments().size() == 2 && second.equals("create")) {
                    yield parameter(target, "fromSrc").isPresent() ? builds() : MERGED;
                }
                if (target.segments().size() == 2 && second.equals("get")) {
                    yield found(() -> locator.image(parameter(target, "names").orElse("")));
                }
                if (target.segments().size() == 2 && second.equals("search")) {
                    yield builds();
                }
                boolean ofAll = target.segments().size() == 2
                        && Set.of("json", "load", "prune").contains(second);
                if (ofAll || method.equals("DELETE") || target.last().equals("tag")) {
                    yield MERGED;
                }
                String name = String.join(
                        "/",
                        target.segments()
                                .subList(1, Math.max(1, target.segments().size() - 1)));
                yield found(() -> locator.image(name));
            }
            default -> builds();
        };
    }

    private NodeChoice builds() {
        return at(nodes.builder());
    }

    private NodeChoice at(Node node) {
        return new NodeChoice.At(CompletableFuture.completedFuture(node));
    }

    private static NodeChoice found(Supplier<Node> search) {
        CompletionStage<Node> node = CompletableFuture.supplyAsync(search, VIRTUAL);
        return new NodeChoice.At(node);
    }

    /** A query parameter's first value, decoded. */
    public static Optional<String> parameter(RequestTarget target, String name) {
        String query = target.query();
        for (String pair : query == null ? new String[0] : query.split("&", -1)) {
            int equal = pair.indexOf('=');
            if (decoded(equal < 0 ? pair : pair.substring(0, equal)).equals(name)) {
                return Optional.of(equal < 0 ? "" : decoded(pair.substring(equal + 1)));
            }
        }
        return Optional.empty();
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new InvalidParameter("invalid query: malformed percent escape", e);
        }
    }
}
