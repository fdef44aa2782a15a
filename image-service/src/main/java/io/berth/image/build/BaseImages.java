package io.berth.image.build;

import io.berth.docker.error.ApiException;
import io.berth.image.caller.Caller;
import io.berth.image.lease.Lease;
import io.berth.image.progress.ProgressStream;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.image.store.NoSuchImage;
import io.berth.image.store.PlatformImages;
import io.berth.image.transfer.ClientGone;
import io.berth.image.transfer.ImagePuller;
import io.berth.oci.ImageReference;
import io.berth.oci.Platform;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Finds the images that builds begin with, here or at their registries. */
@Component
final class BaseImages {
    private final ImageStore images;
    private final PlatformImages platforms;
    private final ImagePuller puller;

    BaseImages(ImageStore images, PlatformImages platforms, ImagePuller puller) {
        this.images = images;
        this.platforms = platforms;
        this.puller = puller;
    }

    /**
     * An image, held by the lease.
     *
     * @param name as the Dockerfile has it
     * @param wanted its platform, or null for any
     * @throws BuildFailure when there is none
     */
    Image find(
            Lease lease,
            String name,
            @Nullable Platform wanted,
            BuildRequest request,
            BuildListener.Progress progress) {
        Caller caller = request.caller();
        if (caller.hidesName(name)) {
            throw notFound(name, "not found", null);
        }
        Optional<Image> here = request.pull() ? Optional.empty() : local(name, wanted);
        if (here.isEmpty() && wanted != null && !Platform.current().serves(wanted)) {
            return foreign(lease, name, wanted, request);
        }
        if (here.isEmpty()) {
            pull(name, wanted, request, progress);
            here = local(name, wanted);
        }
        Image image = here.filter(found -> !caller.hides(found)).orElseThrow(() -> notFound(name, "not found", null));
        lease.hold(image.id());
        image.diffIds().forEach(lease::hold);
        image.layers().forEach(blob -> lease.hold(blob.digest()));
        // Held first and looked at again: it may have been deleted in between.
        return images.findIncludingRetired(image.id()).orElseThrow(() -> notFound(name, "not found", null));
    }

    private Optional<Image> local(String name, @Nullable Platform wanted) {
        try {
            return platforms.find(images.resolve(name), name, wanted == null ? List.of() : List.of(wanted));
        } catch (NoSuchImage e) {
            return Optional.empty();
        }
    }

    /** What a name means on this node is this machine's image: that of another platform is fetched beside it. */
    private Image foreign(Lease lease, String name, Platform wanted, BuildRequest request) {
        ImageReference tagged = tagged(name);
        try {
            return puller.fetch(tagged, wanted, request.credentials().apply(tagged.domain()), lease);
        } catch (ApiException e) {
            throw notFound(tagged.toString(), e.text(), e);
        }
    }

    private static ImageReference tagged(String name) {
        try {
            ImageReference reference = ImageReference.parse(name);
            return reference.tag() == null && reference.digest() == null ? reference.withTag("latest") : reference;
        } catch (IllegalArgumentException e) {
            throw new BuildFailure("failed to parse stage name \"" + name + "\": " + e.getMessage(), e);
        }
    }

    private void pull(String name, @Nullable Platform wanted, BuildRequest request, BuildListener.Progress progress) {
        ImageReference tagged = tagged(name);
        ProgressStream lines = new ProgressStream(new PullProgress(progress));
        try {
            puller.pull(tagged, wanted, request.credentials().apply(tagged.domain()), lines);
        } catch (ApiException e) {
            throw notFound(tagged.toString(), e.text(), e);
        } catch (ClientGone e) {
            throw new BuildFailure("the build was given up", e);
        }
    }

    private static BuildFailure notFound(String name, String why, @Nullable Throwable cause) {
        return new BuildFailure(name + ": failed to resolve source metadata for " + name + ": " + why, cause);
    }
}
