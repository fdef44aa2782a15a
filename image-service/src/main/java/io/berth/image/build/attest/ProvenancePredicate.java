package io.berth.image.build.attest;

import io.berth.image.build.Material;
import io.berth.oci.OciJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes SLSA provenance with BuildKit's fields (BuildKit: docs/attestations/slsa-definitions.md), so that its readers understand it.
 * Of build graphs nothing is told, for there are none.
 *
 * <pre>{"builder": {"id": ""}, "buildType": "https://mobyproject.org/buildkit@v1", "materials": [{"uri": "pkg:docker/…", "digest": {…}}],
 *  "invocation": {"configSource": {"entryPoint": "Dockerfile"}, "parameters": {…}, "environment": {"platform": "linux/amd64"}},
 *  "metadata": {"buildInvocationID": "…", "buildStartedOn": "…", "buildFinishedOn": "…", "completeness": {…}, "reproducible": false}}</pre>
 */
final class ProvenancePredicate {
    private static final String BUILD_TYPE = "https://mobyproject.org/buildkit@v1";
    private static final String BUILD_TYPE_V1 =
            "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md";
    private static final String EXTENSION = BUILD_TYPE + "#metadata";

    /** Options that say something of the machine, not of the build. */
    private static final Set<String> OF_THE_HOST = Set.of("cgroup-parent", "image-resolve-mode", "platform");

    private final AttestationOptions.Provenance options;
    private final BuildFacts facts;

    ProvenancePredicate(AttestationOptions.Provenance options, BuildFacts facts) {
        this.options = options;
        this.facts = facts;
    }

    ObjectNode json() {
        return switch (options.version()) {
            case V0_2 -> v02();
            case V1 -> v1();
        };
    }

    private static ObjectNode object() {
        return OciJson.MAPPER.createObjectNode();
    }

    private ObjectNode v02() {
        ObjectNode predicate = object();
        predicate.putObject("builder").put("id", options.builderId());
        predicate.put("buildType", BUILD_TYPE);
        predicate.set("materials", materials());
        ObjectNode invocation = predicate.putObject("invocation");
        invocation.set("configSource", source("entryPoint"));
        invocation.set("parameters", parameters());
        invocation.putObject("environment").put("platform", facts.platform().toString());
        ObjectNode metadata = predicate.putObject("metadata");
        metadata.put("buildInvocationID", facts.invocationId());
        metadata.put("buildStartedOn", time(facts.started()));
        metadata.put("buildFinishedOn", time(facts.finished()));
        metadata.putObject("completeness")
                .put("parameters", isComplete())
                .put("environment", true)
                .put("materials", false);
        metadata.put("reproducible", options.reproducible());
        metadata.set(EXTENSION, extension());
        return predicate;
    }

    private ObjectNode v1() {
        ObjectNode predicate = object();
        ObjectNode definition = predicate.putObject("buildDefinition");
        definition.put("buildType", BUILD_TYPE_V1);
        ObjectNode external = definition.putObject("externalParameters");
        external.set("configSource", source("path"));
        external.set("request", parameters());
        definition
                .putObject("internalParameters")
                .put("builderPlatform", facts.platform().toString());
        definition.set("resolvedDependencies", materials());
        ObjectNode run = predicate.putObject("runDetails");
        run.putObject("builder").put("id", options.builderId());
        ObjectNode metadata = run.putObject("metadata");
        metadata.put("invocationID", facts.invocationId());
        metadata.put("startedOn", time(facts.started()));
        metadata.put("finishedOn", time(facts.finished()));
        metadata.set("buildkit_metadata", extension());
        metadata.putObject("buildkit_completeness").put("request", isComplete()).put("resolvedDependencies", false);
        metadata.put("buildkit_reproducible", options.reproducible());
        return predicate;
    }

    private static String time(Instant time) {
        return time.truncatedTo(ChronoUnit.MICROS).toString();
    }

    private ArrayNode materials() {
        ArrayNode all = OciJson.MAPPER.createArrayNode();
        for (Material material : facts.materials()) {
            ObjectNode one = all.addObject().put("uri", withoutCredentials(material.uri()));
            one.putObject("digest").put(material.algorithm(), material.digest());
        }
        return all;
    }

    private ObjectNode source(String pathField) {
        ObjectNode source = object();
        if (facts.remoteContext() != null) {
            source.put("uri", withoutCredentials(facts.remoteContext()));
        }
        return source.put(pathField, facts.filename());
    }

    /** What an address says of its user stays here. */
    private static String withoutCredentials(String address) {
        return address.replaceFirst("^([a-z][a-z0-9+.-]*://)[^/@]*@", "$1xxxxx@");
    }

    private ObjectNode parameters() {
        ObjectNode parameters = object().put("frontend", "dockerfile.v0");
        Map<String, String> told = arguments();
        if (!told.isEmpty()) {
            ObjectNode arguments = parameters.putObject("args");
            told.forEach(arguments::put);
        }
        if (options.max() && !facts.secrets().isEmpty()) {
            ArrayNode secrets = parameters.putArray("secrets");
            facts.secrets().forEach(id -> secrets.addObject().put("id", id).put("optional", true));
        }
        if (options.max() && !facts.agents().isEmpty()) {
            ArrayNode agents = parameters.putArray("ssh");
            facts.agents().forEach(id -> agents.addObject().put("id", id).put("optional", true));
        }
        ArrayNode locals = parameters.putArray("locals");
        facts.localNames().forEach(name -> locals.addObject().put("name", name));
        return parameters;
    }

    private Map<String, String> arguments() {
        Map<String, String> told = new TreeMap<>();
        facts.attributes().forEach((name, value) -> {
            boolean elsewhere = OF_THE_HOST.contains(name) || name.startsWith("attest:") || name.startsWith("vcs:");
            if (!elsewhere && !isUsers(name)) {
                told.put(name, withoutCredentials(value));
            }
        });
        return told;
    }

    private boolean isUsers(String attribute) {
        return !options.max() && (attribute.startsWith("build-arg:") || attribute.startsWith("label:"));
    }

    /** Whether all that the client gave to the build is told. */
    private boolean isComplete() {
        return options.max()
                || (facts.attributes().keySet().stream().noneMatch(this::isUsers)
                        && facts.secrets().isEmpty()
                        && facts.agents().isEmpty());
    }

    private ObjectNode extension() {
        ObjectNode extension = object();
        ObjectNode vcs = object();
        facts.attributes().forEach((name, value) -> {
            if (name.startsWith("vcs:")) {
                vcs.put(name.substring("vcs:".length()), withoutCredentials(value));
            }
        });
        if (!vcs.isEmpty()) {
            extension.set("vcs", vcs);
        }
        if (options.max()) {
            extension
                    .putObject("source")
                    .putArray("infos")
                    .addObject()
                    .put("filename", facts.filename())
                    .put("language", "Dockerfile")
                    .put(
                            "data",
                            Base64.getEncoder()
                                    .encodeToString(facts.dockerfile().getBytes(StandardCharsets.UTF_8)));
        }
        return extension;
    }
}
