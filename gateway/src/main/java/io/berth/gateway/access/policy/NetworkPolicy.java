package io.berth.gateway.access.policy;

import io.berth.docker.error.InvalidParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a developer may ask of a network. */
public final class NetworkPolicy {
    private static final Set<String> CREATE = Set.of(
            "Name",
            "CheckDuplicate",
            "Driver",
            "Internal",
            "Attachable",
            "EnableIPv4",
            "EnableIPv6",
            "IPAM",
            "Options",
            "Labels",
            "Scope");
    private static final Set<String> OPTIONS = Set.of(
            "com.docker.network.bridge.enable_icc",
            "com.docker.network.driver.mtu",
            "com.docker.network.bridge.enable_ip_masquerade");
    private static final Set<String> ENDPOINT = Set.of(
            "Aliases",
            "IPAMConfig",
            "MacAddress",
            "GwPriority",
            "NetworkID",
            "EndpointID",
            "Gateway",
            "IPAddress",
            "IPPrefixLen",
            "IPv6Gateway",
            "GlobalIPv6Address",
            "GlobalIPv6PrefixLen",
            "DNSNames",
            "Links");

    private NetworkPolicy() {}

    /**
     * Checks a create request, which belongs to the project afterwards.
     *
     * @throws Refused naming the first field that is not the developer's to set
     */
    public static void create(ObjectNode body, String project) {
        StrictJson.canonicalise(body, CREATE);
        Fields.refuseOthers(body, "", CREATE);
        String driver = Fields.text(body, "Driver");
        if (!driver.isEmpty() && !driver.equals("bridge") && !driver.equals("default")) {
            throw new Refused("Driver", "\"" + driver + "\" reaches the host's own networks");
        }
        Fields.each(body, "Options", (key, _) -> {
            if (!OPTIONS.contains(key)) {
                throw new Refused("Options " + key, "not allowed to developers");
            }
        });
        Labels.own(body, "Labels", project);
    }

    /**
     * Checks a connect or disconnect request.
     *
     * @return the container that it names
     */
    public static List<Reference> connection(ObjectNode body) {
        StrictJson.canonicalise(body, Set.of("Container", "EndpointConfig", "Force"));
        Fields.refuseOthers(body, "", Set.of("Container", "EndpointConfig", "Force"));
        List<Reference> references = new ArrayList<>();
        references.add(new Reference(
                Reference.Kind.CONTAINER,
                "Container",
                Fields.text(body, "Container"),
                id -> body.put("Container", id)));
        JsonNode endpoint = body.get("EndpointConfig");
        if (endpoint != null) {
            endpoint("EndpointConfig", endpoint, references);
        }
        return references;
    }

    static void endpoint(String where, JsonNode endpoint, List<Reference> references) {
        if (endpoint.isNull()) {
            return;
        }
        if (!(endpoint instanceof ObjectNode settings)) {
            throw new InvalidParameter("invalid JSON: " + where + " has something that is not an object");
        }
        StrictJson.canonicalise(settings, ENDPOINT);
        Fields.refuseOthers(settings, where + ".", ENDPOINT);
        for (String link : Fields.texts(settings, "Links")) {
            int alias = link.indexOf(':');
            references.add(new Reference(
                    Reference.Kind.CONTAINER, where + ".Links", alias < 0 ? link : link.substring(0, alias), _ -> {}));
        }
    }
}
