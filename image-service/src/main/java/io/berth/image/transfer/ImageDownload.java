package io.berth.image.transfer;

import io.berth.docker.error.InvalidParameter;
import io.berth.image.content.ContentStore;
import io.berth.image.layer.LayerStore;
import io.berth.image.lease.Lease;
import io.berth.image.store.ImageStore;
import io.berth.image.transfer.registry.RegistryClient;
import io.berth.image.transfer.registry.RegistryException;
import io.berth.image.transfer.registry.RemoteManifest;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches the parts of one image: configuration, then the layers side by side, each in one stream from the registry through
 * verification and decompression into its directory. Layers that are here already are not fetched, and those that another
 * pull is just fetching are waited for.
 */
final class ImageDownload {
    private static final Logger LOG = LoggerFactory.getLogger(ImageDownload.class);
    private static final Pattern LAYER =
            Pattern.compile("application/vnd\\.(oci\\.image\\.layer\\.(nondistributable\\.)?v1\\.tar(\\+gzip|\\+zstd)?"
                    + "|docker\\.image\\.rootfs\\.(foreign\\.)?diff\\.tar(\\.gzip|\\.zstd)?)");

    private final ContentStore content;
    private final LayerStore layers;
    private final ImageStore images;
    private final int parallelism;

    ImageDownload(ContentStore content, LayerStore layers, ImageStore images, int parallelism) {
        this.content = content;
        this.layers = layers;
        this.images = images;
        this.parallelism = parallelism;
    }

    /**
     * Fetches an image's parts.
     *
     * @param remote the image's manifest, not an index
     * @throws InvalidParameter when the configuration is malformed or a layer is hostile
     * @throws RegistryException when manifest and configuration do not fit or something is refused
     */
    FetchedImage fetch(
            RegistryClient client, String repository, RemoteManifest remote, Lease lease, TransferProgress progress)
            throws IOException {
        Manifest manifest = remote.manifest();
        check(manifest);
        FetchedImage image = new FetchedImage(manifest.config().digest(), remote.descriptor(), manifest.layers());
        content.ensure(lease, remote.descriptor(), () -> new ByteArrayInputStream(remote.content()));
        content.ensure(lease, manifest.config(), () -> client.blob(repository, manifest.config()));
        List<Digest> diffIds = ImageStore.parseConfig(content.read(image.config(), ImageStore.MAX_DOCUMENT_BYTES))
                .rootfs()
                .diffIds();
        if (diffIds.size() != manifest.layers().size()) {
            throw RegistryException.corrupt("layers from manifest don't match image configuration");
        }
        for (int i = 0; i < diffIds.size(); i++) {
            lease.hold(diffIds.get(i));
            lease.hold(manifest.layers().get(i).digest());
        }
        if (images.find(image.config()).isEmpty() || !complete(manifest.layers(), diffIds)) {
            ParallelTransfers.run(parts(client, repository, manifest.layers(), diffIds, lease, progress), parallelism);
        }
        return image;
    }

    private static void check(Manifest manifest) throws RegistryException {
        Descriptor config = manifest.config();
        if (!config.mediaType().equals(MediaType.OCI_CONFIG)
                && !config.mediaType().equals(MediaType.DOCKER_CONFIG)) {
            throw RegistryException.corrupt("unsupported media type " + config.mediaType() + ": not a container image");
        }
        if (config.size() > ImageStore.MAX_DOCUMENT_BYTES) {
            throw RegistryException.corrupt("image configuration " + config.digest() + " is larger than 4 MiB");
        }
        for (Descriptor layer : manifest.layers()) {
            if (!LAYER.matcher(layer.mediaType()).matches()) {
                throw RegistryException.corrupt("unsupported layer media type " + layer.mediaType());
            }
        }
    }

    private boolean complete(List<Descriptor> blobs, List<Digest> diffIds) {
        for (int i = 0; i < blobs.size(); i++) {
            if (!layers.contains(blobs.get(i), diffIds.get(i))) {
                return false;
            }
        }
        return true;
    }

    private List<LayerDownload> parts(
            RegistryClient client,
            String repository,
            List<Descriptor> blobs,
            List<Digest> diffIds,
            Lease lease,
            TransferProgress progress)
            throws ClientGone {
        List<LayerDownload> parts = new ArrayList<>();
        Set<Part> seen = new HashSet<>();
        for (int i = 0; i < blobs.size(); i++) {
            Descriptor blob = blobs.get(i);
            String id = blob.digest().shortHex();
            if (layers.contains(blob, diffIds.get(i))) {
                progress.layer(id, "Already exists");
            } else {
                progress.layer(id, "Pulling fs layer");
                // The same blob twice is one download, unless the configuration lies about one of them: that must show.
                if (seen.add(new Part(blob.digest(), diffIds.get(i)))) {
                    parts.add(new LayerDownload(client, repository, blob, diffIds.get(i), lease, progress));
                }
            }
        }
        return parts;
    }

    private record Part(Digest blob, Digest diffId) {}

    private final class LayerDownload implements ParallelTransfers.Part {
        private final RegistryClient client;
        private final String repository;
        private final Descriptor blob;
        private final Digest diffId;
        private final Lease lease;
        private final TransferProgress progress;
        private volatile @Nullable InputStream stream;
        private volatile boolean aborted;

        LayerDownload(
                RegistryClient client,
                String repository,
                Descriptor blob,
                Digest diffId,
                Lease lease,
                TransferProgress progress) {
            this.client = client;
            this.repository = repository;
            this.blob = blob;
            this.diffId = diffId;
            this.lease = lease;
            this.progress = progress;
        }

        private String id() {
            return blob.digest().shortHex();
        }

        @Override
        public void waiting() throws IOException {
            progress.layer(id(), "Waiting");
        }

        @Override
        public void run() throws IOException {
            layers.ensure(lease, blob, diffId, this::open);
            progress.layer(id(), "Pull complete");
        }

        private InputStream open() throws IOException {
            ReportedStream opened = new ReportedStream(client.blob(repository, blob), id(), blob.size(), progress);
            stream = opened;
            if (aborted) {
                opened.close();
            }
            return opened;
        }

        @Override
        public void abort() {
            aborted = true;
            InputStream open = stream;
            if (open != null) {
                try {
                    open.close();
                } catch (IOException e) {
                    LOG.debug("closing an abandoned download failed", e);
                }
            }
        }
    }
}
