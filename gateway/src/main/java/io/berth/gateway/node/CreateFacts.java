package io.berth.gateway.node;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * What a create request says that matters for where its container can be. A pure reading of the request's JSON, whose names are taken
 * without regard to case, as the engine takes them.
 *
 * @param image reference, empty when missing
 * @param constraints on the node
 * @param containers references of containers that it shares something with
 * @param volumes names of volumes that it mounts
 * @param networks names or ids of networks that it joins, without those that every node has
 * @param wanted what it reserves
 */
public record CreateFacts(
        String image,
        List<Constraint> constraints,
        Set<String> containers,
        Set<String> volumes,
        Set<String> networks,
        Reservation wanted) {
    /** Names the node that a container is to be on; also what lists show of where it is. */
    public static final String NODE_LABEL = "io.berth.node";

    /** Constraints, separated by commas. */
    static final String CONSTRAINT_LABEL = "io.berth.node.constraint";

    private static final String CONSTRAINT_VARIABLE = "constraint:";
    private static final Set<String> EVERYWHERE = Set.of("", "default", "bridge", "host", "none");
    private static final String OF_CONTAINER = "container:";

    public CreateFacts {
        constraints = List.copyOf(constraints);
        containers = Set.copyOf(containers);
        volumes = Set.copyOf(volumes);
        networks = Set.copyOf(networks);
    }

    /**
     * @throws io.berth.docker.error.InvalidParameter when a constraint is malformed
     */
    public static CreateFacts of(JsonNode request) {
        JsonNode host = field(request, "HostConfig");
        Set<String> containers = new LinkedHashSet<>();
        Set<String> networks = new LinkedHashSet<>();
        for (String mode : List.of("NetworkMode", "PidMode", "IpcMode")) {
            String value = field(host, mode).asString("");
            if (value.startsWith(OF_CONTAINER)) {
                containers.add(value.substring(OF_CONTAINER.length()));
            } else if (mode.equals("NetworkMode")) {
                networks.add(value);
            }
        }
        for (JsonNode from : field(host, "VolumesFrom")) {
            containers.add(beforeColon(from.asString("")));
        }
        for (JsonNode link : field(host, "Links")) {
            containers.add(beforeColon(link.asString("")));
        }
        field(field(request, "NetworkingConfig"), "EndpointsConfig")
                .propertyStream()
                .forEach(endpoint -> networks.add(endpoint.getKey()));
        networks.removeAll(EVERYWHERE);
        return new CreateFacts(
                field(request, "Image").asString(""),
                constraints(request),
                containers,
                volumes(host),
                networks,
                Reservation.of(host));
    }

    private static Set<String> volumes(JsonNode host) {
        Set<String> names = new LinkedHashSet<>();
        for (JsonNode bind : field(host, "Binds")) {
            String source = beforeColon(bind.asString(""));
            if (!source.isEmpty()
                    && !source.startsWith("/")
                    && bind.asString("").indexOf(':') > 0) {
                names.add(source);
            }
        }
        for (JsonNode mount : field(host, "Mounts")) {
            String source = field(mount, "Source").asString("");
            if (field(mount, "Type").asString("").equals("volume") && !source.isEmpty()) {
                names.add(source);
            }
        }
        return names;
    }

    private static List<Constraint> constraints(JsonNode request) {
        List<Constraint> all = new ArrayList<>();
        for (JsonNode variable : field(request, "Env")) {
            String text = variable.asString("");
            if (text.startsWith(CONSTRAINT_VARIABLE)) {
                all.add(Constraint.parse(text.substring(CONSTRAINT_VARIABLE.length())));
            }
        }
        all.addAll(ofLabels(field(request, "Labels")));
        return all;
    }

    /** The constraints that labels express, of a container or of a volume. */
    public static List<Constraint> ofLabels(JsonNode labels) {
        List<Constraint> all = new ArrayList<>();
        String node = labels.path(NODE_LABEL).asString("");
        if (!node.isEmpty()) {
            all.add(new Constraint("node", true, node));
        }
        String text = labels.path(CONSTRAINT_LABEL).asString("");
        for (String one : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            all.add(Constraint.parse(one));
        }
        return all;
    }

    private static String beforeColon(String text) {
        int colon = text.indexOf(':');
        return colon < 0 ? text : text.substring(0, colon);
    }

    /** An object's field by its name in any case; missing when there is none. */
    public static JsonNode field(JsonNode object, String name) {
        JsonNode exact = object.get(name);
        if (exact != null) {
            return exact;
        }
        @Nullable
        JsonNode found = object.propertyStream()
                .filter(field -> field.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
        return found == null ? MissingNode.getInstance() : found;
    }
}
