package io.berth.gateway.access.decision;

import io.berth.docker.DockerJson;
import io.berth.gateway.access.AnswerFilter;
import io.berth.gateway.access.Identity;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.springframework.stereotype.Component;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.ByteBufferBackedInputStream;

/** Takes out of lists what is other projects' where the services have no filter for it. Thread-safe. */
@Component
class AnswerFilters {
    private final Owners owners;

    AnswerFilters(Owners owners) {
        this.owners = owners;
    }

    /** {@code GET /images/json}. */
    AnswerFilter images(Identity caller) {
        return json -> {
            // One after the other: as one tree, a long list takes a multiple of its length.
            ByteArrayOutputStream seen = new ByteArrayOutputStream();
            try (JsonParser list = DockerJson.MAPPER.createParser(new ByteBufferBackedInputStream(json));
                    JsonGenerator out = DockerJson.MAPPER.createGenerator(seen)) {
                if (list.nextToken() != JsonToken.START_ARRAY) {
                    throw new IllegalStateException("the answer is not a list");
                }
                out.writeStartArray();
                while (list.nextToken() != JsonToken.END_ARRAY) {
                    seenImage(caller, list.readValueAsTree()).ifPresent(out::writePOJO);
                }
                out.writeEndArray();
            }
            return ByteBuffer.wrap(seen.toByteArray());
        };
    }

    /**
     * {@code GET /system/df} with details: what belongs to the caller, with its own sums, and nothing of the build cache. In the lists
     * that clients below API 1.53 read, and in the sections for those from 1.52 on.
     *
     * @param verbose whether the caller has asked for details
     */
    AnswerFilter diskUsage(Identity caller, boolean verbose) {
        return filter(answer -> {
            ObjectNode seen = DockerJson.MAPPER.createObjectNode();
            seen.put("LayersSize", 0);
            DiskUse.IMAGES.show(answer, seen, list -> images(caller, list), verbose);
            DiskUse.CONTAINERS.show(answer, seen, list -> labelled(caller, list), verbose);
            DiskUse.VOLUMES.show(answer, seen, list -> labelled(caller, list), verbose);
            DiskUse.BUILD_CACHE.show(answer, seen, _ -> DockerJson.MAPPER.createArrayNode(), verbose);
            return seen;
        });
    }

    private static AnswerFilter filter(UnaryOperator<JsonNode> part) {
        return json -> ByteBuffer.wrap(DockerJson.MAPPER.writeValueAsBytes(
                part.apply(DockerJson.MAPPER.readTree(new ByteBufferBackedInputStream(json)))));
    }

    private static ArrayNode labelled(Identity caller, JsonNode list) {
        ArrayNode seen = DockerJson.MAPPER.createArrayNode();
        for (JsonNode each : list) {
            if (caller.belongsTo(Owners.project(each.path("Labels")))) {
                seen.add(each);
            }
        }
        return seen;
    }

    private ArrayNode images(Identity caller, JsonNode list) {
        ArrayNode seen = DockerJson.MAPPER.createArrayNode();
        for (JsonNode image : list) {
            seenImage(caller, image).ifPresent(seen::add);
        }
        return seen;
    }

    private Optional<ObjectNode> seenImage(Identity caller, JsonNode image) {
        if (!owners.sees(caller, image.path("Labels"), Owners.names(image)) || !(image instanceof ObjectNode object)) {
            return Optional.empty();
        }
        for (String field : Set.of("RepoTags", "RepoDigests")) {
            object.set(field, names(caller, image.path(field)));
        }
        return Optional.of(object);
    }

    private ArrayNode names(Identity caller, JsonNode names) {
        List<JsonNode> seen = new ArrayList<>();
        for (JsonNode name : names) {
            if (owners.seesName(caller, name.asString(""))) {
                seen.add(name);
            }
        }
        return DockerJson.MAPPER.createArrayNode().addAll(seen);
    }
}
