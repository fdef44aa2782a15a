package io.berth.image.transfer;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.docker.error.SystemFailure;
import io.berth.image.lease.Lease;
import io.berth.image.lease.Leases;
import io.berth.image.progress.ProgressStream;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.image.store.NewImage;
import io.berth.image.transfer.registry.RegistryClient;
import io.berth.image.transfer.registry.RegistryClients;
import io.berth.image.transfer.registry.RegistryCredentials;
import io.berth.image.transfer.registry.RegistryException;
import io.berth.image.transfer.registry.RemoteManifest;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import io.berth.oci.Platform;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Pulls images (moby: distribution/pull_v2.go for the order of the lines and the wording). Thread-safe; a pull ends when its
 * client goes away, and then leaves nothing that can be seen.
 */
public final class ImagePuller {
    private final RegistryClients clients;
    private final Leases leases;
    private final ImageStore images;
    private final ImageDownload download;

    ImagePuller(RegistryClients clients, Leases leases, ImageStore images, ImageDownload download) {
        this.clients = clients;
        this.leases = leases;
        this.images = images;
        this.download = download;
    }

    /**
     * Pulls what a reference names: the digest's manifest where it has one, else the tag's, else every tag of the
     * repository.
     *
     * @param platform chosen from an index; null means this machine's
     * @param out gets the progress; untouched when the registry refuses the first request
     * @throws NotFound when the registry does not have it or denies that it has
     * @throws InvalidParameter when a layer is malformed or hostile
     * @throws SystemFailure for everything else that goes wrong
     * @throws ClientGone when nobody listens any more
     */
    public void pull(
            ImageReference reference, @Nullable Platform platform, RegistryCredentials credentials, ProgressStream out)
            throws ClientGone {
        RegistryClient client = clients.open(reference.domain(), credentials);
        TransferProgress progress = new TransferProgress(out);
        try {
            boolean newer = false;
            if (reference.tag() != null || reference.digest() != null) {
                newer = pullOne(client, reference, platform, progress);
            } else {
                for (String tag : client.tags(reference.path())) {
                    newer |= pullOne(client, tagged(reference, tag), platform, progress);
                }
            }
            progress.message("Status: " + (newer ? "Downloaded newer image" : "Image is up to date") + " for "
                    + reference.familiar());
        } catch (ClientGone e) {
            throw e;
        } catch (IOException e) {
            throw refusal(e, reference);
        } finally {
            progress.end();
        }
    }

    private static ImageReference tagged(ImageReference repository, String tag) throws RegistryException {
        try {
            return repository.withTag(tag);
        } catch (IllegalArgumentException e) {
            throw RegistryException.corrupt("registry lists an invalid tag of " + repository.familiar());
        }
    }

    /** @return whether the name means another image now than before */
    private boolean pullOne(
            RegistryClient client, ImageReference reference, @Nullable Platform platform, TransferProgress progress)
            throws IOException {
        String wanted = reference
                .digestIfPresent()
                .map(Digest::toString)
                .or(reference::tagIfPresent)
                .orElseThrow();
        RemoteManifest named = client.manifest(reference.path(), wanted);
        progress.message(wanted, "Pulling from " + reference.path());
        RemoteManifest manifest = named.isIndex()
                ? client.manifest(
                        reference.path(),
                        PlatformChoice.of(named.index(), platform).digest().toString())
                : named;
        ImageReference byDigest = reference.withDigest(named.digest());
        // A digest pins the content, so a tag beside it says nothing: it is not set, as Docker does not.
        ImageReference name = reference.digest() == null ? reference : byDigest;
        boolean newer;
        try (Lease lease = leases.open()) {
            NewImage image = download.fetch(client, reference.path(), manifest, lease, progress)
                    .named(name.equals(byDigest) ? List.of(byDigest) : List.of(name, byDigest));
            progress.message("Digest: " + named.digest());
            Optional<Digest> before = images.findByReference(name).map(Image::id);
            newer = !before.equals(Optional.of(image.config()));
            Image made = images.create(lease, image);
            if (platform != null && !made.config().platform().serves(platform)) {
                progress.message("WARNING: image with reference " + reference.familiar()
                        + " was found but does not match the specified platform: wanted " + platform + ", actual: "
                        + made.config().platform());
            }
        }
        return newer;
    }

    /** The failure as clients know it (moby: distribution/errors.go, translatePullError). */
    private static ApiException refusal(IOException failure, ImageReference reference) {
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        String code = failure instanceof RegistryException refused ? refused.code() : "";
        return switch (code) {
            case "DENIED" ->
                new NotFound(
                        "pull access denied for " + reference.familiarName()
                                + ", repository does not exist or may require 'docker login': " + message,
                        failure);
            case "MANIFEST_UNKNOWN" ->
                new NotFound("manifest for " + reference.familiar() + " not found: " + message, failure);
            case "NAME_UNKNOWN" ->
                new NotFound("repository " + reference.familiarName() + " not found: " + message, failure);
            // Not 401: the stock client would ask for a password then and there.
            default -> new SystemFailure(message, failure);
        };
    }
}
