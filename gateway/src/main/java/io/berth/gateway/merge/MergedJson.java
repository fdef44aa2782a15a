package io.berth.gateway.merge;

import io.berth.docker.DockerJson;
import io.berth.gateway.node.CreateFacts;
import io.berth.gateway.node.Node;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How the answers of several nodes become one. Pure functions; what they are given they may change. */
final class MergedJson {
    private MergedJson() {}

    static ObjectNode object() {
        return DockerJson.MAPPER.createObjectNode();
    }

    static ArrayNode array(Collection<? extends JsonNode> elements) {
        return DockerJson.MAPPER.createArrayNode().addAll(elements);
    }

    /** Shows the node of a container in its summary: as an object as classic Swarm did, and as a label, which clients can print. */
    static JsonNode withNode(JsonNode summary, String node) {
        if (summary instanceof ObjectNode container) {
            labels(container).put(CreateFacts.NODE_LABEL, node);
            container.set("Node", object().put("Name", node));
        }
        return summary;
    }

    /** Adds the label of its node to something that has labels. */
    static JsonNode withLabel(JsonNode thing, String node) {
        if (thing instanceof ObjectNode volume) {
            labels(volume).put(CreateFacts.NODE_LABEL, node);
        }
        return thing;
    }

    private static ObjectNode labels(ObjectNode thing) {
        return thing.get("Labels") instanceof ObjectNode labels ? labels : thing.putObject("Labels");
    }

    /** The node of a container in full, for its inspection. */
    static ObjectNode node(Node node) {
        ObjectNode labels = object();
        node.spec().labels().forEach(labels::put);
        ObjectNode shown = object().put("ID", node.name()).put("Name", node.name());
        shown.put("Addr", node.spec().engineSocket().toString());
        shown.put("Cpus", (int) Math.round(node.capacity().cpus()));
        shown.put("Memory", node.capacity().memoryBytes());
        shown.set("Labels", labels);
        return shown;
    }

    /** Newest first, as every list of containers and images is. */
    static List<JsonNode> newestFirst(List<JsonNode> things, int limit) {
        return things.stream()
                .sorted(Comparator.comparingLong(
                                (JsonNode one) -> one.path("Created").asLong(0))
                        .reversed())
                .limit(limit > 0 ? limit : Long.MAX_VALUE)
                .toList();
    }

    /** An image that several nodes have is one image, with the names and the containers of all. */
    static List<JsonNode> images(List<JsonNode> listed) {
        return oneOfEach(listed, image -> image.path("Id").asString(""), (first, next) -> {
            for (String names : List.of("RepoTags", "RepoDigests")) {
                if (next.path(names).isArray()) {
                    first.set(names, union(first.path(names), next.path(names)));
                }
            }
            if (first.path("Containers").asLong(-1) >= 0) {
                first.put(
                        "Containers",
                        first.path("Containers").asLong()
                                + Math.max(0, next.path("Containers").asLong(0)));
            }
        });
    }

    /** Networks, secrets and configs of one name are one thing, with the id that it has on the first node. */
    static List<JsonNode> byName(List<JsonNode> listed, Function<JsonNode, String> name) {
        return oneOfEach(listed, name, MergedJson::addContainers);
    }

    /** Puts the containers that are connected on another node to those of the first. */
    static void addContainers(ObjectNode network, JsonNode other) {
        if (other.get("Containers") instanceof ObjectNode more && !more.isEmpty()) {
            ObjectNode all =
                    network.get("Containers") instanceof ObjectNode there ? there : network.putObject("Containers");
            more.propertyStream().forEach(one -> all.set(one.getKey(), one.getValue()));
        }
    }

    private interface Join {
        void join(ObjectNode first, JsonNode next);
    }

    private static List<JsonNode> oneOfEach(List<JsonNode> listed, Function<JsonNode, String> key, Join join) {
        Map<String, JsonNode> all = new LinkedHashMap<>();
        for (JsonNode one : listed) {
            JsonNode first = all.putIfAbsent(key.apply(one), one);
            if (first instanceof ObjectNode there) {
                join.join(there, one);
            }
        }
        return new ArrayList<>(all.values());
    }

    private static ArrayNode union(JsonNode first, JsonNode next) {
        Map<String, JsonNode> all = new LinkedHashMap<>();
        first.forEach(one -> all.put(one.toString(), one));
        next.forEach(one -> all.put(one.toString(), one));
        return array(all.values());
    }

    /**
     * The sum of reports, such as of a prune: numbers are added, lists joined, objects summed field by field; of the rest the first node's
     * is taken.
     */
    static JsonNode sum(List<JsonNode> reports) {
        return reports.stream().reduce(MergedJson::sum).orElseGet(MergedJson::object);
    }

    private static JsonNode sum(JsonNode first, JsonNode next) {
        if (first.isNull() || first.isMissingNode()) {
            return next;
        }
        if (next.isNull() || next.isMissingNode()) {
            return first;
        }
        if (first.isIntegralNumber() && next.isIntegralNumber()) {
            return DockerJson.MAPPER.getNodeFactory().numberNode(first.asLong() + next.asLong());
        }
        if (first instanceof ArrayNode list && next instanceof ArrayNode more) {
            return list.addAll(more);
        }
        if (first instanceof ObjectNode there && next instanceof ObjectNode other) {
            other.propertyStream()
                    .forEach(field -> there.set(field.getKey(), sum(there.path(field.getKey()), field.getValue())));
        }
        return first;
    }
}
