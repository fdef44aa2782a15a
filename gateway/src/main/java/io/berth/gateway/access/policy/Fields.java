package io.berth.gateway.access.policy;

import io.berth.docker.error.InvalidParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads fields of a canonical tree as the services do, and refuses what they might take for something else. */
final class Fields {
    private Fields() {}

    /** A text; empty when it is left out. */
    static String text(ObjectNode object, String name) {
        JsonNode value = object.get(name);
        if (value == null || value.isNull()) {
            return "";
        }
        if (!value.isString()) {
            throw new InvalidParameter("invalid JSON: " + name + " is not a text");
        }
        return value.stringValue();
    }

    /** A list of texts; the services take a single one for a list. */
    static List<String> texts(ObjectNode object, String name) {
        List<String> texts = new ArrayList<>();
        for (JsonNode element : elements(object, name)) {
            if (!element.isString()) {
                throw new InvalidParameter("invalid JSON: " + name + " has something that is not a text");
            }
            texts.add(element.stringValue());
        }
        return texts;
    }

    /** A list of objects, each given the spelling of the names. */
    static List<ObjectNode> objects(ObjectNode object, String name, Set<String> names) {
        List<ObjectNode> objects = new ArrayList<>();
        for (JsonNode element : elements(object, name)) {
            if (!(element instanceof ObjectNode part)) {
                throw new InvalidParameter("invalid JSON: " + name + " has something that is not an object");
            }
            StrictJson.canonicalise(part, names);
            objects.add(part);
        }
        return objects;
    }

    private static List<JsonNode> elements(ObjectNode object, String name) {
        JsonNode value = object.get(name);
        if (value == null || value.isNull()) {
            return List.of();
        }
        return value.isArray() ? List.copyOf(value.values()) : List.of(value);
    }

    /** An object with names of its own, given the spelling of the names; null when it is left out. */
    static @Nullable ObjectNode part(ObjectNode object, String name, Set<String> names) {
        ObjectNode part = map(object, name);
        if (part != null) {
            StrictJson.canonicalise(part, names);
        }
        return part;
    }

    /** An object whose names are values; null when it is left out. */
    static @Nullable ObjectNode map(ObjectNode object, String name) {
        JsonNode value = object.get(name);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!(value instanceof ObjectNode part)) {
            throw new InvalidParameter("invalid JSON: " + name + " is not an object");
        }
        return part;
    }

    /** Each entry of an object whose names are values. */
    static void each(ObjectNode object, String name, BiConsumer<String, JsonNode> entry) {
        ObjectNode map = map(object, name);
        if (map != null) {
            map.properties().forEach(field -> entry.accept(field.getKey(), field.getValue()));
        }
    }

    /** Refuses every field that is neither known nor left out. */
    static void refuseOthers(ObjectNode object, String where, Set<String> known) {
        for (var field : object.properties()) {
            if (!known.contains(field.getKey()) && !StrictJson.isDefault(field.getValue())) {
                throw new Refused(where + field.getKey(), "not allowed to developers");
            }
        }
    }
}
