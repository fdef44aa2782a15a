package io.berth.image.transfer;

import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.docker.error.SystemFailure;
import io.berth.docker.registry.PushResult;
import io.berth.image.lease.Lease;
import io.berth.image.lease.Leases;
import io.berth.image.progress.ProgressStream;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.image.store.PlatformImages;
import io.berth.oci.Descriptor;
import io.berth.oci.ImageReference;
import io.berth.oci.Platform;
import io.berth.outgoing.DestinationRefused;
import io.berth.registryclient.RegistryClient;
import io.berth.registryclient.RegistryClients;
import io.berth.registryclient.RegistryCredentials;
import java.io.IOException;
import java.util.List;
import java.util.Objects;

/**
 * Pushes images with exactly the bytes they were pulled, loaded or built with, so that digests stay (moby:
 * distribution/push_v2.go for the order of the lines and the wording). Thread-safe.
 */
public final class ImagePusher {
    private final RegistryClients clients;
    private final Leases leases;
    private final ImageStore images;
    private final PlatformImages platformImages;
    private final ImageUpload upload;

    ImagePusher(
            RegistryClients clients,
            Leases leases,
            ImageStore images,
            PlatformImages platformImages,
            ImageUpload upload) {
        this.clients = clients;
        this.leases = leases;
        this.images = images;
        this.platformImages = platformImages;
        this.upload = upload;
    }

    /**
     * Pushes a tag or, when the reference has none, every tag of the repository.
     *
     * @param platforms the first of which that is here is pushed; empty for the image that is listed
     * @param out gets the progress; Docker begins it before anything else, so nearly every failure is told in it
     * @throws InvalidParameter when the reference has a digest
     * @throws NotFound when no such image is here, or it is for another platform
     * @throws SystemFailure when the registry refuses or cannot be reached
     * @throws ClientGone when nobody listens any more
     */
    public void push(
            ImageReference reference, List<Platform> platforms, RegistryCredentials credentials, ProgressStream out)
            throws ClientGone {
        if (reference.digest() != null) {
            throw new InvalidParameter("cannot push a digest reference");
        }
        TransferProgress progress = new TransferProgress(out);
        progress.message("The push refers to repository [" + reference.name() + "]");
        List<ImageReference> tags = reference.tag() == null ? tagsOf(reference) : List.of(reference);
        RegistryClient client = clients.open(reference.domain(), credentials);
        try {
            for (ImageReference tag : tags) {
                pushTag(client, tag, platforms, progress);
            }
        } catch (ClientGone e) {
            throw e;
        } catch (IOException e) {
            String message = e.getMessage() == null ? e.toString() : e.getMessage();
            throw DestinationRefused.in(e) == null ? new SystemFailure(message, e) : new Forbidden(message, e);
        } finally {
            progress.end();
        }
    }

    private List<ImageReference> tagsOf(ImageReference repository) {
        List<ImageReference> tags = images.list().stream()
                .flatMap(image -> image.tags().stream())
                .filter(tag -> tag.repository().equals(repository))
                .sorted((a, b) -> a.familiar().compareTo(b.familiar()))
                .toList();
        if (tags.isEmpty()) {
            throw new NotFound("An image does not exist locally with the tag: " + repository.familiarName());
        }
        return tags;
    }

    private void pushTag(RegistryClient client, ImageReference tag, List<Platform> platforms, TransferProgress progress)
            throws IOException {
        Image tagged = images.findByReference(tag).orElseThrow(() -> missing(tag));
        Image image = platformImages.resolve(tag.familiar(), platforms);
        String name = Objects.requireNonNull(tag.tag());
        try (Lease lease = leases.open()) {
            Descriptor manifest = upload.send(client, tag, image, lease, progress);
            progress.message(name + ": digest: " + manifest.digest() + " size: " + manifest.size());
            if (image.id().equals(tagged.id())) {
                images.addReference(image.id(), tag.withDigest(manifest.digest()));
            }
            progress.aux(new PushResult(name, manifest.digest().toString(), manifest.size()));
        }
    }

    private NotFound missing(ImageReference tag) {
        boolean otherTags = images.list().stream()
                .flatMap(image -> image.tags().stream())
                .anyMatch(other -> other.repository().equals(tag.repository()));
        return new NotFound(
                otherTags
                        ? "tag does not exist: " + tag.familiar()
                        : "An image does not exist locally with the tag: " + tag.familiarName());
    }
}
