package io.berth.image.build;

import io.berth.dockerfile.Dockerfile;
import io.berth.dockerfile.DockerfileException;
import io.berth.image.layer.Layer;
import io.berth.image.lease.Lease;
import io.berth.image.store.Image;
import io.berth.image.store.NewImage;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import io.berth.oci.OciJson;
import java.io.IOException;
import java.util.List;
import org.springframework.stereotype.Component;

/** Builds images from Dockerfiles. Thread-safe. */
@Component
public final class Builder {
    private final BuildTools tools;

    Builder(BuildTools tools) {
        this.tools = tools;
    }

    /**
     * Builds an image, which has no name and is in no list yet.
     *
     * @return to be closed; until then its layers stay
     * @throws BuildFailure when the Dockerfile is wrong or a step fails; results of earlier steps stay in the cache
     * @throws InterruptedException when the build is to end; its commands have been stopped
     */
    public BuiltImage build(BuildRequest request, BuildInput input, BuildListener listener)
            throws IOException, InterruptedException {
        Dockerfile dockerfile = parse(request);
        Lease lease = tools.leases().open(request.caller());
        boolean complete = false;
        try {
            BuiltImage built = new BuildRun(tools, request, input, listener, dockerfile, lease).build();
            complete = true;
            return built;
        } catch (DockerfileException e) {
            throw new BuildFailure(String.valueOf(e.getMessage()), 0, e.lines(), e);
        } finally {
            if (!complete) {
                lease.close();
            }
        }
    }

    private static Dockerfile parse(BuildRequest request) {
        try {
            return Dockerfile.parse(request.dockerfile());
        } catch (DockerfileException e) {
            throw new BuildFailure(String.valueOf(e.getMessage()), 0, e.lines(), e);
        }
    }

    /** The files of what was built, to be read. */
    public RootTree files(BuiltImage built) {
        return RootTree.readOnly(
                built.layers().stream().map(Layer::directory).toList(),
                tools.data().empty());
    }

    /**
     * Puts what was built among the images, under some names; durable when this returns.
     *
     * @param inlineCache whether the image tells other builders of its steps
     */
    public Image keep(BuiltImage built, List<ImageReference> names, boolean inlineCache) throws IOException {
        return tools.images().create(built.lease(), image(built, names, inlineCache));
    }

    /**
     * Writes the manifest of what was built, which is not to be among the images.
     *
     * @param inlineCache whether the image tells other builders of its steps
     * @return held by the lease of what was built, as all that it names is
     */
    public Descriptor manifest(BuiltImage built, boolean inlineCache) throws IOException {
        return tools.images().writeManifest(built.lease(), image(built, List.of(), inlineCache));
    }

    private NewImage image(BuiltImage built, List<ImageReference> names, boolean inlineCache) throws IOException {
        byte[] config = inlineCache ? CacheExchange.inline(built) : OciJson.MAPPER.writeValueAsBytes(built.config());
        Digest id = tools.content().put(built.lease(), config);
        return new NewImage(id, null, built.layers().stream().map(Layer::blob).toList(), names);
    }
}
