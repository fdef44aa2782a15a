package io.berth.node;

import io.berth.oci.Digest;
import io.berth.oci.ImageConfig;
import java.util.List;

/**
 * An image that the engine can run.
 *
 * <pre>
 * {"imageId": "sha256:…", "config": {…}, "layers": ["/var/lib/berth/image/layers/ab/12", …],
 *  "generation": {"file": "/var/lib/berth/image/generation", "number": 1042}}
 * </pre>
 *
 * @param imageId digest of the configuration; immutable, so everything below may be cached under it
 * @param config the parsed configuration
 * @param layers directories of the unpacked layers, absolute, bottom first; read-only for the engine
 * @param generation for how long the answer may be used again
 */
public record ResolvedImage(Digest imageId, ImageConfig config, List<String> layers, Generation generation) {
    public ResolvedImage {
        layers = List.copyOf(layers);
    }

    /**
     * The state of the node's images. While the file holds this number, no image and no name of one has changed.
     *
     * <p>Whoever uses an answer again first lets {@link EngineNode#imageUsers} tell of the use and then looks at the number:
     * the number changes before an image is deleted, and only then are the users asked for.
     *
     * @param file absolute; one number of 8 bytes in the byte order of the host, to be mapped into memory
     * @param number never used twice, also not after a restart
     */
    public record Generation(String file, long number) {}
}
