package io.berth.gateway.access.policy;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The label by which things belong to projects. */
public final class Labels {
    /** Its value is the project's name. */
    public static final String PROJECT = "io.berth.project";

    private Labels() {}

    /**
     * Puts the project's label among those of a request.
     *
     * @throws Refused when it has labels by which the engine is told something, or another project's
     */
    public static void own(ObjectNode object, String name, String project) {
        ObjectNode labels = Fields.map(object, name);
        if (labels == null) {
            labels = object.putObject(name);
        }
        for (String key : labels.propertyNames()) {
            check(name, key, labels.get(key), project);
        }
        labels.put(PROJECT, project);
    }

    private static void check(String field, String key, JsonNode value, String project) {
        if (key.equals(PROJECT)) {
            if (!value.isString() || !value.stringValue().equals(project)) {
                throw new Refused(field + " " + PROJECT, "the label is the gateway's to set");
            }
        } else if (isOrder(key) && !key.equals("io.berth.on-unhealthy")) {
            throw new Refused(field + " " + key, "labels of this prefix tell the engine something");
        }
    }

    /** Whether a label or annotation tells the engine something. */
    static boolean isOrder(String key) {
        return key.startsWith("berth.") || key.startsWith("io.berth.");
    }
}
