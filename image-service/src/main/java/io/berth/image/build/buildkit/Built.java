package io.berth.image.build.buildkit;

import io.berth.buildkit.BuildResult;
import io.berth.json.Frozen;
import io.berth.oci.OciJson;
import io.berth.oci.Platform;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;

/**
 * What a build has made, for exports.
 *
 * @param results one per platform, at least one
 * @param several whether several platforms were asked for
 * @param inlineCache whether images tell other builders of their steps
 * @param told what the client is told of its caches
 */
record Built(List<PlatformResult> results, boolean several, boolean inlineCache, Map<String, String> told)
        implements BuildResult {
    private static final String CONFIG = "containerimage.config";

    Built {
        results = List.copyOf(results);
        told = Frozen.map(told);
    }

    /** The image that names stand for on this machine: its own, if that is among them. */
    PlatformResult primary() {
        return results.stream()
                .filter(result -> result.platform().serves(Platform.current()))
                .findFirst()
                .orElse(results.getFirst());
    }

    /** Whether an index is needed to tell of all that there is. */
    boolean isIndexed() {
        return several || !results.getFirst().attested().isEmpty();
    }

    @Override
    public List<String> platforms() {
        return several
                ? results.stream().map(result -> result.platform().toString()).toList()
                : List.of(SINGLE);
    }

    @Override
    public Map<String, byte[]> metadata() {
        Map<String, byte[]> metadata = new LinkedHashMap<>();
        if (!several) {
            metadata.put(
                    CONFIG, OciJson.MAPPER.writeValueAsBytes(primary().image().config()));
            return metadata;
        }
        ArrayNode all = OciJson.MAPPER.createArrayNode();
        for (PlatformResult result : results) {
            String id = result.platform().toString();
            all.addObject().put("ID", id).set("Platform", OciJson.MAPPER.valueToTree(result.platform()));
            metadata.put(
                    CONFIG + "/" + id,
                    OciJson.MAPPER.writeValueAsBytes(result.image().config()));
        }
        metadata.put(
                "refs.platforms",
                OciJson.MAPPER.writeValueAsBytes(
                        OciJson.MAPPER.createObjectNode().set("Platforms", all)));
        return metadata;
    }

    @Override
    public void close() {
        results.forEach(result -> result.image().close());
    }
}
