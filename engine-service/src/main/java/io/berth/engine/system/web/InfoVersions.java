package io.berth.engine.system.web;

import io.berth.docker.ApiVersion;
import io.berth.docker.DockerJson;
import io.berth.docker.system.InfoResponse;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code GET /info} looked like in earlier versions (moby: daemon/server/router/system). A pure function. */
final class InfoVersions {
    private static final List<String> COMMITS = List.of("ContainerdCommit", "RuncCommit", "InitCommit");

    private InfoVersions() {}

    static ObjectNode of(InfoResponse info, ApiVersion version) {
        ObjectNode tree = DockerJson.MAPPER.valueToTree(info);
        if (!version.atLeast(1, 50)) {
            tree.put("BridgeNfIptables", false).put("BridgeNfIp6tables", false);
        }
        if (!version.atLeast(1, 49)) {
            commitsWithExpected(tree);
            if (tree.get("RegistryConfig") instanceof ObjectNode registries) {
                registries.putNull("AllowNondistributableArtifactsCIDRs");
                registries.putNull("AllowNondistributableArtifactsHostnames");
            }
        }
        if (!version.atLeast(1, 42)) {
            tree.put("KernelMemory", false).put("KernelMemoryTCP", false);
        }
        if (!version.atLeast(1, 39)) {
            for (String name : List.of("KernelVersion", "OperatingSystem")) {
                if (tree.path(name).asString("").isEmpty()) {
                    tree.put(name, "<unknown>");
                }
            }
        }
        if (!version.atLeast(1, 25)) {
            tree.put("ExecutionDriver", "<not supported>");
            namesOfSecurityOptions(tree);
        }
        return tree;
    }

    private static void commitsWithExpected(ObjectNode tree) {
        for (String name : COMMITS) {
            if (tree.get(name) instanceof ObjectNode commit) {
                commit.put("Expected", commit.path("ID").asString(""));
            }
        }
    }

    /** {@code name=seccomp,profile=builtin} was {@code seccomp}. */
    private static void namesOfSecurityOptions(ObjectNode tree) {
        JsonNode options = tree.path("SecurityOptions");
        ArrayNode names = tree.putArray("SecurityOptions");
        for (JsonNode option : options) {
            for (String part : option.asString("").split(",")) {
                if (part.startsWith("name=")) {
                    names.add(part.substring("name=".length()));
                }
            }
        }
    }
}
