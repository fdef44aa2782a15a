package io.berth.image.build.buildkit;

import io.berth.buildkit.BuildException;
import io.berth.buildkit.BuildProgress;
import io.berth.buildkit.BuildRequest;
import io.berth.buildkit.CacheOption;
import io.berth.buildkit.ClientContent;
import io.berth.buildkit.ClientSession;
import io.berth.image.build.BuiltImage;
import io.berth.image.build.CacheExchange;
import io.berth.image.caller.Caller;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import io.berth.oci.OciJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Brings the cache of a build to where its user wants it ({@code --cache-to}). Thread-safe. */
@Component
final class CacheExports {
    /** By which clients name a cache in a directory's index. */
    private static final String TOLD = "cache.manifest";

    private final CacheExchange exchange;

    CacheExports(CacheExchange exchange) {
        this.exchange = exchange;
    }

    /** @return what the client is told of it */
    Map<String, String> send(
            Caller caller, List<BuiltImage> built, BuildRequest request, ClientSession session, BuildProgress progress)
            throws BuildException, IOException, InterruptedException {
        Map<String, String> told = new HashMap<>();
        for (CacheOption to : request.cacheExports()) {
            String title =
                    switch (to.type()) {
                        case "inline" -> ""; // in the image's own configuration
                        case "registry" -> "exporting cache to registry";
                        case "local" -> "exporting cache to client directory";
                        default ->
                            throw new BuildException("cache export of type " + to.type()
                                    + " is not supported: use inline, local or registry");
                    };
            if (title.isEmpty()) {
                continue;
            }
            BuildProgress.Vertex vertex = progress.vertex(
                    Digest.sha256((request.ref() + to).getBytes(StandardCharsets.UTF_8)), title, List.of());
            vertex.started();
            try {
                if (to.type().equals("local")) {
                    told.put(TOLD, OciJson.MAPPER.writeValueAsString(local(built, to, session)));
                } else {
                    registry(caller, built, to, session);
                }
                vertex.completed();
            } catch (IOException | RuntimeException | BuildException e) {
                vertex.failed(String.valueOf(e.getMessage()));
                throw e;
            }
        }
        return told;
    }

    /** {@code mode=max} as BuildKit has it, {@code cache-mounts=true} of our own. */
    private static CacheExchange.Parts parts(CacheOption to) {
        return new CacheExchange.Parts(
                to.attributes().getOrDefault("mode", "min").equals("max"),
                to.attributes().getOrDefault("cache-mounts", "false").equals("true"));
    }

    private void registry(Caller caller, List<BuiltImage> built, CacheOption to, ClientSession session)
            throws BuildException, IOException, InterruptedException {
        ImageReference name = reference(to.attributes().getOrDefault("ref", ""));
        exchange.push(built, parts(to), name, Exports.credentials(caller, session.credential(name.domain())));
    }

    private Descriptor local(List<BuiltImage> built, CacheOption to, ClientSession session)
            throws BuildException, IOException, InterruptedException {
        String directory = to.attributes().getOrDefault("dest", "");
        if (directory.isEmpty()) {
            throw new BuildException("local cache exporter requires dest");
        }
        ClientContent store = session.content("local:" + directory);
        return exchange.write(built, parts(to), (blob, content) -> store.write(blob.digest(), blob.size(), content));
    }

    private static ImageReference reference(String name) throws BuildException {
        try {
            return ImageReference.parse(name);
        } catch (IllegalArgumentException e) {
            throw new BuildException("invalid cache reference " + name + ": " + e.getMessage(), null, List.of(), e);
        }
    }
}
