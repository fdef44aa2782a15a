package io.berth.image.transfer;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.docker.error.SystemFailure;
import io.berth.image.caller.Caller;
import io.berth.image.caller.CallerLeases;
import io.berth.image.lease.Lease;
import io.berth.image.progress.ProgressStream;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.image.store.PlatformImages;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import io.berth.oci.Platform;
import io.berth.registryclient.DeprecatedManifest;
import io.berth.registryclient.PullSource;
import io.berth.registryclient.RegistryClient;
import io.berth.registryclient.RegistryClients;
import io.berth.registryclient.RegistryCredentials;
import io.berth.registryclient.RegistryException;
import io.berth.registryclient.RemoteManifest;
import io.berth.registryclient.signature.SignatureVerification;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pulls images (moby: distribution/pull_v2.go for the order of the lines and the wording). Thread-safe; a pull ends when its
 * client goes away, and then leaves nothing that can be seen.
 */
public final class ImagePuller {
    private static final Logger LOG = LoggerFactory.getLogger(ImagePuller.class);

    private final RegistryClients clients;
    private final CallerLeases leases;
    private final ImageStore images;
    private final PlatformImages platformImages;
    private final SignatureVerification signatures;
    private final ImageDownload download;

    ImagePuller(
            RegistryClients clients,
            CallerLeases leases,
            ImageStore images,
            PlatformImages platformImages,
            SignatureVerification signatures,
            ImageDownload download) {
        this.clients = clients;
        this.leases = leases;
        this.images = images;
        this.platformImages = platformImages;
        this.signatures = signatures;
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
        TransferProgress progress = new TransferProgress(out);
        try {
            boolean newer = pullFromAny(
                    clients.sources(reference, credentials),
                    Caller.of(credentials.onBehalfOf()),
                    reference,
                    platform,
                    progress);
            progress.message("Status: " + (newer ? "Downloaded newer image" : "Image is up to date") + " for "
                    + reference.familiar());
        } catch (ClientGone e) {
            throw e;
        } catch (IOException e) {
            throw PullRefusal.of(e, reference);
        } finally {
            progress.end();
        }
    }

    /** Mirrors first; whatever is wrong with one of them, the next source is asked. */
    private boolean pullFromAny(
            List<PullSource> sources,
            Caller caller,
            ImageReference reference,
            @Nullable Platform platform,
            TransferProgress progress)
            throws IOException {
        for (PullSource mirror : sources.subList(0, sources.size() - 1)) {
            try {
                return pullFrom(mirror, caller, reference, platform, progress);
            } catch (ClientGone e) {
                throw e;
            } catch (IOException | ApiException e) {
                skipped(mirror, reference, e);
            }
        }
        return pullFrom(sources.getLast(), caller, reference, platform, progress);
    }

    private static void skipped(PullSource mirror, ImageReference reference, Exception why) {
        LOG.atInfo()
                .addKeyValue("reason", why.getMessage())
                .addKeyValue("mirror", mirror.client().endpoint().authority())
                .addKeyValue("imageRef", reference)
                .log("mirror cannot serve a pull; the next source is asked");
    }

    private boolean pullFrom(
            PullSource source,
            Caller caller,
            ImageReference reference,
            @Nullable Platform platform,
            TransferProgress progress)
            throws IOException {
        if (reference.tag() != null || reference.digest() != null) {
            return pullOne(source, caller, reference, platform, progress);
        }
        boolean newer = false;
        for (String tag : source.client().tags(source.repository())) {
            newer |= pullOne(source, caller, tagged(reference, tag), platform, progress);
        }
        return newer;
    }

    private static ImageReference tagged(ImageReference repository, String tag) throws RegistryException {
        try {
            return repository.withTag(tag);
        } catch (IllegalArgumentException e) {
            throw RegistryException.corrupt("registry lists an invalid tag of " + repository.familiar());
        }
    }

    /** What a source has under a name, and what is to be said of its signatures. */
    private record Found(RemoteManifest named, Optional<String> warning) {}

    private Found find(PullSource source, ImageReference reference) throws IOException {
        RemoteManifest named = source.client().manifest(source.repository(), wanted(reference));
        if (!named.isIndex()) {
            ImageDownload.requireImage(named.manifest());
        }
        // What is checked here is what is used below: everything else is fetched by the digests that it names.
        return new Found(named, signatures.check(source, reference, named.digest()));
    }

    private static RemoteManifest choose(PullSource source, RemoteManifest named, @Nullable Platform platform)
            throws IOException {
        return named.isIndex()
                ? source.client()
                        .manifest(
                                source.repository(),
                                PlatformChoice.of(named.index(), platform)
                                        .digest()
                                        .toString())
                : named;
    }

    private static String wanted(ImageReference reference) {
        return reference
                .digestIfPresent()
                .map(Digest::toString)
                .or(reference::tagIfPresent)
                .orElseThrow();
    }

    /**
     * Fetches an image that is not to be among this node's: what a name means here stays as it is.
     *
     * @param reference with a tag or digest
     * @param lease holds its parts
     * @return with the digest that the registry knows it by for its only name
     * @throws NotFound as {@link #pull} does, and the other errors
     */
    public Image fetch(
            ImageReference reference, @Nullable Platform platform, RegistryCredentials credentials, Lease lease) {
        TransferProgress progress = new TransferProgress(new ProgressStream(OutputStream.nullOutputStream()));
        try {
            List<PullSource> sources = clients.sources(reference, credentials);
            for (PullSource mirror : sources.subList(0, sources.size() - 1)) {
                try {
                    return fetch(mirror, reference, platform, lease, progress);
                } catch (IOException | ApiException e) {
                    skipped(mirror, reference, e);
                }
            }
            return fetch(sources.getLast(), reference, platform, lease, progress);
        } catch (IOException e) {
            throw PullRefusal.of(e, reference);
        } finally {
            progress.end();
        }
    }

    private Image fetch(
            PullSource source,
            ImageReference reference,
            @Nullable Platform platform,
            Lease lease,
            TransferProgress progress)
            throws IOException {
        Found found = find(source, reference);
        FetchedImage fetched = download.fetch(
                source.client(), source.repository(), choose(source, found.named(), platform), lease, progress);
        return download.image(fetched, reference.withDigest(found.named().digest()));
    }

    /** @return whether the name means another image now than before */
    private boolean pullOne(
            PullSource source,
            Caller caller,
            ImageReference reference,
            @Nullable Platform platform,
            TransferProgress progress)
            throws IOException {
        String wanted = wanted(reference);
        Found found;
        try {
            found = find(source, reference);
        } catch (DeprecatedManifest e) {
            progress.message(wanted, "Pulling from " + reference.path());
            throw new InvalidParameter(DeprecatedManifest.of(reference.toString()), e);
        }
        RegistryClient client = source.client();
        RemoteManifest named = found.named();
        progress.message(wanted, "Pulling from " + reference.path());
        if (found.warning().isPresent()) {
            progress.message("WARNING: " + found.warning().get());
        }
        RemoteManifest manifest = choose(source, named, platform);
        ImageReference byDigest = reference.withDigest(named.digest());
        // A digest pins the content, so a tag beside it says nothing: it is not set, as Docker does not.
        ImageReference name = reference.digest() == null ? reference : byDigest;
        boolean newer;
        try (Lease lease = leases.open(caller)) {
            FetchedImage fetched = download.fetch(client, source.repository(), manifest, lease, progress);
            progress.message("Digest: " + named.digest());
            Optional<Image> before = images.findByReference(name);
            boolean beside = before.isPresent() && staysInFront(before.get(), named, fetched.config(), platform);
            newer = beside
                    ? images.find(fetched.config()).isEmpty()
                    : !before.map(Image::id).equals(Optional.of(fetched.config()));
            List<ImageReference> names = name.equals(byDigest) ? List.of(byDigest) : List.of(name, byDigest);
            Image made = images.create(lease, fetched.named(beside ? List.of() : names));
            if (named.isIndex()) {
                download.keepIndex(source, named, manifest.digest(), made, lease);
            }
            if (platform != null && !made.config().platform().serves(platform)) {
                progress.message("WARNING: image with reference " + reference.familiar()
                        + " was found but does not match the specified platform: wanted " + platform + ", actual: "
                        + made.config().platform());
            }
        }
        return newer;
    }

    /** Whether another platform of what was pulled keeps the name, and this one comes to lie beside it. */
    private boolean staysInFront(Image before, RemoteManifest named, Digest arriving, @Nullable Platform platform) {
        return platform != null
                && named.isIndex()
                && !before.id().equals(arriving)
                && platformImages.staysInFront(before, named.digest(), platform);
    }
}
