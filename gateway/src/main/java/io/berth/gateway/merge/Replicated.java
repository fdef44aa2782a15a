package io.berth.gateway.merge;

import io.berth.docker.error.NotFound;
import io.berth.docker.error.Unavailable;
import io.berth.dockerserver.filter.Filters;
import io.berth.gateway.node.Answer;
import io.berth.gateway.node.CreateFacts;
import io.berth.gateway.node.Fan;
import io.berth.gateway.node.Locator;
import io.berth.gateway.node.Node;
import io.berth.gateway.node.NodeRouting;
import io.berth.gateway.node.Nodes;
import io.berth.gateway.route.Backend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Networks, secrets and configs: made on every node, where each has an id of its own, and one thing to clients by its
 * name. An id means the thing of that name, on whichever node it is. Thread-safe.
 */
public final class Replicated {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String USED = "/networks?filters=" + Locator.segment("{\"dangling\":[\"false\"]}");

    private final Nodes nodes;
    private final Locator locator;

    public Replicated(Nodes nodes, Locator locator) {
        this.nodes = nodes;
        this.locator = locator;
    }

    /** Any request below {@code /networks}, {@code /secrets} or {@code /configs}. */
    public Merged answer(MergeRequest request) {
        String kind = request.target().first();
        String second = request.target().segment(1);
        boolean post = request.method().equals("POST");
        if (second.isEmpty()) {
            return list(request);
        }
        if (post && second.equals("create") && request.target().segments().size() == 2) {
            return create(request, kind);
        }
        if (post && second.equals("prune") && request.target().segments().size() == 2) {
            return pruneNetworks(request);
        }
        Map<Node, JsonNode> holders = new LinkedHashMap<>();
        Answer refusal = find(request, kind, second, holders);
        if (holders.isEmpty()) {
            return Merged.of(refusal);
        }
        return switch (request.target().segment(2)) {
            case "connect", "disconnect" -> connect(request, holders);
            default -> request.method().equals("GET") ? inspect(holders) : change(request, kind, holders);
        };
    }

    private static String name(JsonNode thing) {
        return thing.path("Name").asString(thing.path("Spec").path("Name").asString(""));
    }

    private static String id(JsonNode thing) {
        return thing.path("Id").asString(thing.path("ID").asString(""));
    }

    private Merged list(MergeRequest request) {
        NodeFilter filter = NodeFilter.of(request.target());
        String target = filter.on(request.target().path());
        Fan.Answers answers = MergedReads.askAll(
                nodes.all().stream().filter(filter::wants).toList(),
                Backend.ENGINE,
                LIMIT,
                node -> request.to(node, Backend.ENGINE, target));
        List<JsonNode> all = answers.good().stream()
                .map(Answer::json)
                .flatMap(one -> one.isArray() ? one.valueStream() : Stream.of())
                .toList();
        return MergedReads.answered(answers, MergedJson.array(MergedJson.byName(all, Replicated::name)));
    }

    /** On every node that answers, or on none: what was made before one refused is taken back. */
    private Merged create(MergeRequest request, String kind) {
        Fan.Answers answers =
                MergedReads.askAll(nodes.all(), Backend.ENGINE, LIMIT, node -> request.to(node, Backend.ENGINE));
        for (Answer answer : answers.answers()) {
            if (!answer.ok()) {
                for (Answer made : answers.good()) {
                    String path = request.version() + '/' + kind + '/' + id(made.json());
                    Answer _ = made.node().client().send("DELETE", Backend.ENGINE, path, request.headers(), null);
                }
                return Merged.of(answer.saying(
                        answer.message() + " (node " + answer.node().name() + ")"));
            }
        }
        if (answers.answers().isEmpty()) {
            throw new Unavailable("no node answers");
        }
        Answer first = answers.answers().getFirst();
        if (first.json() instanceof ObjectNode body && !answers.lost().isEmpty()) {
            body.put("Warning", String.join("; ", Merged.warnings(answers.lost())));
            return new Merged(first.status(), first.contentType(), body.toString(), Merged.warnings(answers.lost()));
        }
        return Merged.of(first, answers.lost());
    }

    /** Finds which nodes have it; the answer is of one that has not. */
    private Answer find(MergeRequest request, String kind, String reference, Map<Node, JsonNode> holders) {
        String query = NodeRouting.parameter(request.target(), "verbose")
                .map(value -> "?verbose=" + Locator.segment(value))
                .orElse("");
        Fan.Answers answers = ask(request, nodes.reachable(), kind, reference, query);
        Answer last = null;
        for (Answer answer : answers.answers()) {
            if (answer.ok()) {
                holders.put(answer.node(), answer.json());
            } else {
                last = answer;
            }
        }
        if (!holders.isEmpty()) {
            String name = name(holders.values().iterator().next());
            List<Node> others = nodes.reachable().stream()
                    .filter(node -> !holders.containsKey(node))
                    .toList();
            // It was an id, which is one node's own.
            for (Answer answer : ask(request, others, kind, name, query).good()) {
                if (name(answer.json()).equals(name)) {
                    holders.put(answer.node(), answer.json());
                }
            }
        } else if (last == null) {
            throw new Unavailable("no node answers");
        }
        return last == null ? answers.answers().getFirst() : last;
    }

    private static Fan.Answers ask(
            MergeRequest request, List<Node> asked, String kind, String reference, String query) {
        return Fan.ask(
                asked,
                Fan.QUICK,
                node -> request.ask(node, Backend.ENGINE, '/' + kind + '/' + Locator.segment(reference) + query));
    }

    private static Merged inspect(Map<Node, JsonNode> holders) {
        JsonNode first = holders.values().iterator().next();
        if (first instanceof ObjectNode network) {
            holders.values().stream().skip(1).forEach(other -> MergedJson.addContainers(network, other));
        }
        return Merged.of(first, List.of());
    }

    /**
     * The same on every node that has it, first where it is used: that node refuses to remove it, and then no other is asked. The first
     * refusal is the answer.
     */
    private static Merged change(MergeRequest request, String kind, Map<Node, JsonNode> holders) {
        String rest = request.target().segments().size() > 2
                ? '/' + Locator.segment(request.target().segment(2))
                : "";
        String query =
                request.target().query() == null ? "" : '?' + request.target().query();
        Answer first = null;
        for (Map.Entry<Node, JsonNode> holder : usedFirst(holders)) {
            String path = request.version() + '/' + kind + '/' + id(holder.getValue()) + rest + query;
            Answer answer = MergedReads.one(request, holder.getKey(), path);
            if (!answer.ok()) {
                return Merged.of(answer);
            }
            first = first == null ? answer : first;
        }
        return Merged.of(Objects.requireNonNull(first, "something has it"));
    }

    private static List<Map.Entry<Node, JsonNode>> usedFirst(Map<Node, JsonNode> holders) {
        return holders.entrySet().stream()
                .sorted(Comparator.comparing(
                        holder -> holder.getValue().path("Containers").isEmpty()))
                .toList();
    }

    private Merged connect(MergeRequest request, Map<Node, JsonNode> holders) {
        Node node =
                locator.container(CreateFacts.field(request.json(), "Container").asString(""));
        JsonNode network = holders.get(node);
        if (network == null) {
            throw new NotFound("network " + name(holders.values().iterator().next()) + " is not on node " + node.name()
                    + ", where the container is");
        }
        String path = request.version() + "/networks/" + id(network) + '/'
                + request.target().segment(2);
        return Merged.of(request.to(node, Backend.ENGINE, path));
    }

    /**
     * Removes networks that no node's container uses: one that is used anywhere stays everywhere. Which ones the filters mean
     * each node decides, by its own prune, where nothing of them is used.
     */
    private Merged pruneNetworks(MergeRequest request) {
        List<Node> asked = nodes.reachable();
        Set<String> used = new TreeSet<>();
        for (Answer answer : Fan.ask(asked, LIMIT, node -> request.ask(node, Backend.ENGINE, USED))
                .good()) {
            answer.json().forEach(network -> used.add(name(network)));
        }
        Set<String> pruned = new TreeSet<>();
        List<Answer> refusals = new ArrayList<>();
        Fan.Answers listed = Fan.ask(asked, LIMIT, node -> request.ask(node, Backend.ENGINE, unused(request)));
        for (Answer answer : listed.answers()) {
            if (!answer.ok()) {
                refusals.add(answer);
            }
            for (JsonNode network : answer.json()) {
                if (answer.ok() && !used.contains(name(network)) && removed(request, answer.node(), network)) {
                    pruned.add(name(network));
                }
            }
        }
        if (!refusals.isEmpty()) {
            return Merged.of(refusals.getFirst());
        }
        ObjectNode report = MergedJson.object();
        pruned.forEach(report.putArray("NetworksDeleted")::add);
        return Merged.of(report, listed.lost());
    }

    private static boolean removed(MergeRequest request, Node node, JsonNode network) {
        String path = request.version() + "/networks/" + id(network);
        return node.client()
                .send("DELETE", Backend.ENGINE, path, request.headers(), null)
                .ok();
    }

    /** The list of what the request's filters mean and nothing uses. */
    private static String unused(MergeRequest request) {
        Filters filters = NodeFilter.of(request.target()).filters().with("dangling", List.of("true"));
        return "/networks?filters=" + Locator.segment(filters.json());
    }
}
