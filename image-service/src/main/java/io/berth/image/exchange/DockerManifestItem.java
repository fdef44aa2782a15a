package io.berth.image.exchange;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entry of {@code manifest.json} in a {@code docker save} archive (moby: image/tarexport).
 *
 * <pre>[{"Config":"blobs/sha256/…","RepoTags":["busybox:latest"],"Layers":["blobs/sha256/…"]}]</pre>
 *
 * @param config path of the configuration in the archive
 * @param layers paths of the layers in the archive, bottom first
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
record DockerManifestItem(
        @JsonProperty("Config") @Nullable String config,
        @JsonProperty("RepoTags") @Nullable List<String> repoTags,
        @JsonProperty("Layers") @Nullable List<String> layers) {
    List<String> tags() {
        return repoTags == null ? List.of() : repoTags;
    }

    List<String> layerPaths() {
        return layers == null ? List.of() : layers;
    }
}
