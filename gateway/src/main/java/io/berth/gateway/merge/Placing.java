package io.berth.gateway.merge;

import io.berth.docker.error.Conflict;
import io.berth.gateway.node.Answer;
import io.berth.gateway.node.CreateFacts;
import io.berth.gateway.node.Fan;
import io.berth.gateway.node.KnownContainers.Known;
import io.berth.gateway.node.Locator;
import io.berth.gateway.node.Node;
import io.berth.gateway.node.NodeRouting;
import io.berth.gateway.node.Nodes;
import io.berth.gateway.node.Placement;
import io.berth.gateway.node.Placement.Candidate;
import io.berth.gateway.node.Placement.Tie;
import io.berth.gateway.node.Reservation;
import io.berth.gateway.node.Strategy;
import io.berth.gateway.route.Backend;
import io.berth.unixhttp.CallerIdentity;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Makes containers and volumes on the node that is right for them. The request's bytes reach the node unchanged. Thread-safe: the choice
 * and what is under way are one matter, under this object's lock; nodes are asked outside of it.
 */
public final class Placing {
    private final Nodes nodes;
    private final Locator locator;
    private final Strategy strategy;
    /** What was sent to a node and is not among its containers yet. */
    private final Map<String, List<Reservation>> underWay = new HashMap<>();

    private final Set<String> namesUnderWay = new HashSet<>();

    public Placing(Nodes nodes, Locator locator, Strategy strategy) {
        this.nodes = nodes;
        this.locator = locator;
        this.strategy = strategy;
    }

    /** {@code POST /containers/create}. */
    public Merged container(MergeRequest request) {
        JsonNode body = request.json();
        if (!body.isObject()) {
            return Merged.of(MergedReads.one(request, nodes.first(), Backend.ENGINE));
        }
        CreateFacts facts = CreateFacts.of(body);
        String name = NodeRouting.parameter(request.target(), "name").orElse("");
        requireFree(request, name);
        List<Tie> ties = ties(request, facts);
        Set<Node> withImage = facts.image().isEmpty()
                ? Set.of()
                : new HashSet<>(locator.owners(Backend.IMAGE, Locator.imagePath(facts.image())));
        Node node = choose(name, facts, ties, withImage);
        try {
            Answer answer = request.to(node, Backend.ENGINE);
            String id = answer.json().path("Id").asString("");
            if (answer.ok() && !id.isEmpty()) {
                node.containers().created(id, name, facts.wanted());
            }
            return Merged.of(answer);
        } catch (UncheckedIOException e) {
            throw node.unreachable(String.valueOf(e.getMessage()));
        } finally {
            settled(name, node, facts.wanted());
        }
    }

    /** {@code POST /containers/{id}/rename}: the new name must be free on all nodes. */
    public Merged rename(MergeRequest request) {
        requireFree(request, NodeRouting.parameter(request.target(), "name").orElse(""));
        Node node = locator.container(request.target().segment(1));
        return Merged.of(MergedReads.one(request, node, Backend.ENGINE));
    }

    /** {@code POST /volumes/create}: where it is already, or where a container with its labels would be placed. */
    public Merged volume(MergeRequest request) {
        JsonNode body = request.json();
        String name = CreateFacts.field(body, "Name").asString("");
        List<Node> owners = name.isEmpty() ? List.of() : volumeOwners(name);
        Node node = owners.isEmpty()
                ? named(Placement.choose(
                        candidates(Set.of()),
                        CreateFacts.ofLabels(CreateFacts.field(body, "Labels")),
                        List.of(),
                        new Reservation(0, 0),
                        strategy))
                : owners.getFirst();
        return Merged.of(MergedReads.one(request, node, Backend.ENGINE));
    }

    private synchronized Node choose(String name, CreateFacts facts, List<Tie> ties, Set<Node> withImage) {
        if (!name.isEmpty() && namesUnderWay.contains(name)) {
            throw new Conflict("Conflict. The container name \"/" + name
                    + "\" is already in use by a container that is being created. You have to remove (or rename) that container"
                    + " to be able to reuse that name.");
        }
        Node node = named(Placement.choose(candidates(withImage), facts.constraints(), ties, facts.wanted(), strategy));
        if (!name.isEmpty()) {
            namesUnderWay.add(name);
        }
        underWay.computeIfAbsent(node.name(), _ -> new ArrayList<>()).add(facts.wanted());
        return node;
    }

    private synchronized void settled(String name, Node node, Reservation wanted) {
        namesUnderWay.remove(name);
        underWay.getOrDefault(node.name(), new ArrayList<>()).remove(wanted);
    }

    private Node named(Candidate chosen) {
        return nodes.named(chosen.name());
    }

    private synchronized List<Candidate> candidates(Set<Node> withImage) {
        return nodes.active().stream()
                .map(node -> candidate(node, withImage.contains(node)))
                .toList();
    }

    private Candidate candidate(Node node, boolean hasImage) {
        List<Reservation> coming = underWay.getOrDefault(node.name(), List.of());
        long memory = coming.stream().mapToLong(Reservation::memoryBytes).sum();
        long cpus = coming.stream().mapToLong(Reservation::nanoCpus).sum();
        for (Known known : node.containers().all().values()) {
            memory += Math.max(0, known.memoryBytes());
            cpus += Math.max(0, known.nanoCpus());
        }
        // Limits may add up to more than a machine has, as ever; only a capacity that was set is a limit.
        long capacity = node.spec().memoryBytes();
        long nanoCpus = Math.round(node.spec().cpus() * 1e9);
        return new Candidate(
                node.name(),
                node.constraintLabels(),
                node.containers().all().size() + coming.size(),
                capacity == 0 ? Long.MAX_VALUE : capacity - memory,
                nanoCpus == 0 ? Long.MAX_VALUE : nanoCpus - cpus,
                hasImage);
    }

    /**
     * Asks as the platform: a name is taken whoever has it.
     *
     * @throws Conflict in moby's words when a container on any node has the name, also on one that is lost
     */
    private void requireFree(MergeRequest request, String name) {
        if (name.isEmpty()) {
            return;
        }
        String path = "/containers/" + Locator.segment(name) + "/json";
        Fan.Answers answers = MergedReads.askAll(
                nodes.all(), Backend.ENGINE, Fan.QUICK, node -> node.client().get(Backend.ENGINE, path));
        for (Fan.Lost lost : answers.lost()) {
            Known known = lost.node().containers().find(name);
            if (known != null && known.name().equals(withoutSlash(name))) {
                throw taken(name, known.id(), request.restricted());
            }
        }
        for (Answer answer : answers.good()) {
            if (answer.json().path("Name").asString("").equals('/' + withoutSlash(name))) {
                String project = answer.json()
                        .path("Config")
                        .path("Labels")
                        .path(CallerIdentity.PROJECT_LABEL)
                        .asString("");
                throw taken(name, answer.json().path("Id").asString(""), !request.sees(project));
            }
        }
    }

    private static String withoutSlash(String name) {
        return name.startsWith("/") ? name.substring(1) : name;
    }

    /** @param others whether the caller must not be told which container it is */
    private static Conflict taken(String name, String id, boolean others) {
        if (others) {
            return new Conflict("Conflict. The container name \"/" + withoutSlash(name)
                    + "\" is already in use. You have to choose another name.");
        }
        return new Conflict("Conflict. The container name \"/" + withoutSlash(name)
                + "\" is already in use by container \"" + id
                + "\". You have to remove (or rename) that container to be able to reuse that name.");
    }

    private List<Tie> ties(MergeRequest request, CreateFacts facts) {
        List<Tie> ties = new ArrayList<>();
        for (String container : facts.containers()) {
            ties.add(new Tie(
                    "container " + container,
                    List.of(locator.container(container).name())));
        }
        for (String volume : facts.volumes()) {
            List<Node> owners = volumeOwners(volume);
            if (!owners.isEmpty()) {
                ties.add(tie("volume " + volume, owners));
            }
        }
        for (String network : facts.networks()) {
            String path = "/networks/" + Locator.segment(network);
            List<Node> owners =
                    Fan.ask(nodes.reachable(), Fan.QUICK, node -> request.ask(node, Backend.ENGINE, path))
                            .good()
                            .stream()
                            .map(Answer::node)
                            .toList();
            if (!owners.isEmpty()) {
                ties.add(tie("network " + network, owners));
            }
        }
        return ties;
    }

    private List<Node> volumeOwners(String name) {
        return locator.owners(Backend.ENGINE, "/volumes/" + Locator.segment(name));
    }

    private static Tie tie(String reason, List<Node> owners) {
        return new Tie(reason, owners.stream().map(Node::name).toList());
    }
}
