package io.berth.gateway.merge;

import io.berth.docker.Decimal;
import io.berth.docker.error.Unavailable;
import io.berth.gateway.node.Answer;
import io.berth.gateway.node.Fan;
import io.berth.gateway.node.Locator;
import io.berth.gateway.node.Node;
import io.berth.gateway.node.NodeRouting;
import io.berth.gateway.node.Nodes;
import io.berth.gateway.route.Backend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lists, totals and prunes over all nodes. A node that does not answer in time is left out with a warning; an error is
 * answered only when no node succeeds. Thread-safe.
 */
public final class MergedReads {
    private static final Duration LIST = Duration.ofSeconds(10);
    private static final Duration USAGE = Duration.ofMinutes(2);
    private static final Duration PRUNE = Duration.ofMinutes(10);

    private final Nodes nodes;
    private final Locator locator;

    public MergedReads(Nodes nodes, Locator locator) {
        this.nodes = nodes;
        this.locator = locator;
    }

    /** {@code GET /containers/json}; the containers of a node that is lost are shown as they were. */
    public Merged containers(MergeRequest request) {
        NodeFilter filter = NodeFilter.of(request.target());
        Fan.Answers answers = ask(request, filter, Backend.ENGINE, LIST);
        List<JsonNode> all = new ArrayList<>();
        for (Answer answer : answers.good()) {
            answer.json()
                    .forEach(one ->
                            all.add(MergedJson.withNode(one, answer.node().name())));
        }
        LastKnown shown = LastKnown.wanted(request.target(), filter);
        answers.lost().forEach(lost -> all.addAll(shown.of(lost.node())));
        int limit = NodeRouting.parameter(request.target(), "limit")
                .map(MergedReads::number)
                .orElse(0);
        return answered(answers, MergedJson.array(MergedJson.newestFirst(all, limit)));
    }

    private static int number(String text) {
        try {
            return Decimal.parseInt(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** {@code GET /containers/{id}/json}, with the node. */
    public Merged container(MergeRequest request) {
        Node node = locator.container(request.target().segment(1));
        Answer answer = one(request, node, Backend.ENGINE);
        if (!answer.ok() || !(answer.json() instanceof ObjectNode shown)) {
            return Merged.of(answer);
        }
        shown.set("Node", MergedJson.node(node));
        return Merged.of(shown, List.of());
    }

    /** {@code GET /images/json}. */
    public Merged images(MergeRequest request) {
        NodeFilter filter = NodeFilter.of(request.target());
        Fan.Answers answers = ask(request, filter, Backend.IMAGE, LIST);
        return answered(
                answers,
                MergedJson.array(MergedJson.newestFirst(MergedJson.images(elements(answers, Answer::json)), 0)));
    }

    /** {@code GET /volumes}: those of every node, even where names are equal. */
    public Merged volumes(MergeRequest request) {
        NodeFilter filter = NodeFilter.of(request.target());
        Fan.Answers answers = ask(request, filter, Backend.ENGINE, LIST);
        ArrayNode volumes = MergedJson.array(List.of());
        ArrayNode warnings = MergedJson.array(List.of());
        for (Answer answer : answers.good()) {
            JsonNode listed = answer.json();
            listed.path("Volumes")
                    .forEach(one ->
                            volumes.add(MergedJson.withLabel(one, answer.node().name())));
            listed.path("Warnings").forEach(warnings::add);
        }
        Merged.warnings(answers.lost()).forEach(warnings::add);
        ObjectNode body = MergedJson.object();
        body.set("Volumes", volumes);
        body.set("Warnings", warnings);
        return answered(answers, body);
    }

    /** {@code GET /info}: what the first node says, with the sums of all and a line for each. */
    public Merged info(MergeRequest request) {
        NodeFilter filter = NodeFilter.of(request.target());
        Fan.Answers answers = ask(request, filter, Backend.ENGINE, LIST);
        List<Answer> good = answers.good();
        if (good.isEmpty() || !(good.getFirst().json() instanceof ObjectNode info)) {
            return answered(answers, MergedJson.object());
        }
        List<JsonNode> all = good.stream().map(Answer::json).toList();
        for (String name : List.of(
                "Containers",
                "ContainersRunning",
                "ContainersPaused",
                "ContainersStopped",
                "Images",
                "NCPU",
                "MemTotal")) {
            info.put(
                    name,
                    all.stream().mapToLong(one -> one.path(name).asLong(0)).sum());
        }
        ArrayNode status = info.get("DriverStatus") instanceof ArrayNode there ? there : info.putArray("DriverStatus");
        status.addArray().add("Nodes").add(Integer.toString(nodes.all().size()));
        for (Node node : nodes.all()) {
            status.addArray().add(" " + node.name()).add(line(node, good));
        }
        ArrayNode warnings = info.get("Warnings") instanceof ArrayNode there ? there : info.putArray("Warnings");
        Merged.warnings(answers.lost()).forEach(text -> warnings.add("WARNING: " + text));
        return answered(answers, info);
    }

    private static String line(Node node, List<Answer> good) {
        String state = node.obstacle(Backend.IMAGE)
                .map(Unavailable::text)
                .orElseGet(() -> good.stream()
                        .filter(answer -> answer.node() == node)
                        .map(answer -> answer.json().path("Containers").asInt(0) + " containers, "
                                + answer.json().path("Images").asInt(0) + " images")
                        .findFirst()
                        .orElse("not asked"));
        return node.availability().text() + ", " + state;
    }

    /** {@code GET /system/df}: the sums of all, since what two nodes have takes its place twice. */
    public Merged usage(MergeRequest request) {
        return summed(request, Backend.ENGINE, USAGE);
    }

    /** {@code POST /…/prune} of what each node has for itself. */
    public Merged prune(MergeRequest request, Backend backend) {
        return summed(request, backend, PRUNE);
    }

    private Merged summed(MergeRequest request, Backend backend, Duration limit) {
        Fan.Answers answers = ask(request, NodeFilter.of(request.target()), backend, limit);
        return answered(
                answers,
                MergedJson.sum(answers.good().stream().map(Answer::json).toList()));
    }

    /** Tags or removes an image on every node that has it, and joins the answers; the first refusal is the answer. */
    public Merged image(MergeRequest request, String reference) {
        List<Node> owners = locator.owners(Backend.IMAGE, Locator.imagePath(reference));
        Fan.Answers answers = Fan.ask(
                owners.isEmpty() ? List.of(nodes.first()) : owners, PRUNE, node -> request.to(node, Backend.IMAGE));
        for (Answer answer : answers.answers()) {
            if (!answer.ok()) {
                return Merged.of(answer);
            }
        }
        JsonNode joined =
                MergedJson.sum(answers.good().stream().map(Answer::json).toList());
        if (joined instanceof ArrayNode list) {
            return answered(
                    answers, MergedJson.array(list.valueStream().distinct().toList()));
        }
        return answers.answers().isEmpty()
                ? answered(answers, joined)
                : Merged.of(answers.answers().getFirst(), answers.lost());
    }

    // --- asking

    /** The node's own answer to the request. */
    static Answer one(MergeRequest request, Node node, Backend backend) {
        return one(node, backend, asked -> request.to(asked, backend));
    }

    /** The engine's own answer to the request with another path. */
    static Answer one(MergeRequest request, Node node, String pathAndQuery) {
        return one(node, Backend.ENGINE, asked -> request.to(asked, Backend.ENGINE, pathAndQuery));
    }

    private static Answer one(Node node, Backend backend, Function<Node, Answer> question) {
        node.obstacle(backend).ifPresent(error -> {
            throw error;
        });
        Fan.Answers answers = Fan.ask(List.of(node), LIST, question);
        return answers.answers().stream()
                .findFirst()
                .orElseThrow(() -> answers.lost().getFirst().error());
    }

    private Fan.Answers ask(MergeRequest request, NodeFilter filter, Backend backend, Duration limit) {
        String target = filter.on(request.target().path());
        List<Node> wanted = nodes.all().stream().filter(filter::wants).toList();
        return askAll(wanted, backend, limit, node -> request.to(node, backend, target));
    }

    /** Asks those that can be asked; the others are lost from the beginning. */
    static Fan.Answers askAll(List<Node> wanted, Backend backend, Duration limit, Function<Node, Answer> question) {
        List<Fan.Lost> lost = new ArrayList<>();
        List<Node> asked = new ArrayList<>();
        for (Node node : wanted) {
            node.obstacle(backend).ifPresentOrElse(error -> lost.add(new Fan.Lost(node, error)), () -> asked.add(node));
        }
        Fan.Answers answers = Fan.ask(asked, limit, question);
        lost.addAll(answers.lost());
        return new Fan.Answers(answers.answers(), lost);
    }

    private static List<JsonNode> elements(Fan.Answers answers, Function<Answer, JsonNode> list) {
        return answers.good().stream()
                .map(list)
                .flatMap(one -> one.isArray() ? one.valueStream() : Stream.of())
                .toList();
    }

    /** The merged body, unless no node succeeded and one had a reason to refuse. */
    static Merged answered(Fan.Answers answers, JsonNode body) {
        if (answers.good().isEmpty() && !answers.answers().isEmpty()) {
            return Merged.of(answers.answers().getFirst(), answers.lost());
        }
        return Merged.of(body, answers.lost());
    }
}
