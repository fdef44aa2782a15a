package io.berth.node;

import io.berth.oci.Digest;
import io.berth.oci.ImageConfig;
import java.util.List;

/**
 * An image that the engine can run.
 *
 * <pre>{"imageId": "sha256:…", "config": {…}, "layers": ["/var/lib/berth/image/layers/ab/12", …]}</pre>
 *
 * @param imageId digest of the configuration; immutable, so everything below may be cached under it
 * @param config the parsed configuration
 * @param layers directories of the unpacked layers, absolute, bottom first; read-only for the engine
 */
public record ResolvedImage(Digest imageId, ImageConfig config, List<String> layers) {
    public ResolvedImage {
        layers = List.copyOf(layers);
    }
}
