package io.berth.image.transfer;

import io.berth.docker.error.InvalidParameter;
import io.berth.image.content.BlobSource;
import io.berth.image.content.ContentStore;
import io.berth.image.layer.Layer;
import io.berth.image.layer.LayerStore;
import io.berth.image.lease.Lease;
import io.berth.image.store.Image;
import io.berth.image.store.ImageIndexes;
import io.berth.image.store.ImageStore;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ImageConfig;
import io.berth.oci.ImageReference;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.registryclient.PullSource;
import io.berth.registryclient.RegistryClient;
import io.berth.registryclient.RegistryException;
import io.berth.registryclient.RemoteManifest;
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
 * verification and decompression into its directory. Layers that are here already are not fetched where the lease may use them,
 * and those that another pull is just fetching are waited for.
 */
final class ImageDownload {
    private static final Logger LOG = LoggerFactory.getLogger(ImageDownload.class);
    private static final Pattern LAYER =
            Pattern.compile("application/vnd\\.(oci\\.image\\.layer\\.(nondistributable\\.)?v1\\.tar(\\+gzip|\\+zstd)?"
                    + "|docker\\.image\\.rootfs\\.(foreign\\.)?diff\\.tar(\\.gzip|\\.zstd)?)");

    private final ContentStore content;
    private final LayerStore layers;
    private final ImageStore images;
    private final ImageIndexes indexes;
    private final AttestationDownload attestations;
    private final int parallelism;

    ImageDownload(ContentStore content, LayerStore layers, ImageStore images, ImageIndexes indexes, int parallelism) {
        this.attestations = new AttestationDownload(content);
        this.indexes = indexes;
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
        if (images.find(image.config()).isEmpty() || !complete(lease, manifest.layers(), diffIds)) {
            ParallelTransfers.run(parts(client, repository, manifest.layers(), diffIds, lease, progress), parallelism);
        }
        return image;
    }

    /** What was fetched, as an image that is not among this node's. */
    Image image(FetchedImage fetched, ImageReference name) throws IOException {
        ImageConfig config = ImageStore.parseConfig(content.read(fetched.config(), ImageStore.MAX_DOCUMENT_BYTES));
        long size = config.rootfs().diffIds().stream()
                .mapToLong(diffId -> layers.find(diffId).map(Layer::size).orElse(0L))
                .sum();
        return new Image(
                fetched.config(), config, fetched.manifest(), fetched.layers(), List.of(), List.of(name), size, null);
    }

    /**
     * Keeps the index that an image comes from, and what it attests of the image.
     *
     * @param manifest which of the index the image is
     */
    void keepIndex(PullSource source, RemoteManifest index, Digest manifest, Image image, Lease lease)
            throws IOException {
        content.ensure(lease, index.descriptor(), () -> new ByteArrayInputStream(index.content()));
        List<Digest> attested = attestations.fetch(source, index.index(), manifest, lease);
        indexes.keep(image.id(), index.descriptor(), attested);
    }

    /**
     * Tells an artifact from an image before anything of it is fetched.
     *
     * @throws NotAnImage in Docker's words
     */
    static void requireImage(Manifest manifest) throws NotAnImage {
        String config = manifest.config().mediaType();
        if (!config.equals(MediaType.OCI_CONFIG) && !config.equals(MediaType.DOCKER_CONFIG)) {
            throw new NotAnImage(config);
        }
    }

    private static void check(Manifest manifest) throws RegistryException {
        requireImage(manifest);
        Descriptor config = manifest.config();
        if (config.size() > ImageStore.MAX_DOCUMENT_BYTES) {
            throw RegistryException.corrupt("image configuration " + config.digest() + " is larger than 4 MiB");
        }
        for (Descriptor layer : manifest.layers()) {
            if (!LAYER.matcher(layer.mediaType()).matches()) {
                throw RegistryException.corrupt("unsupported layer media type " + layer.mediaType());
            }
        }
    }

    private boolean complete(Lease lease, List<Descriptor> blobs, List<Digest> diffIds) {
        for (int i = 0; i < blobs.size(); i++) {
            if (!layers.contains(lease, blobs.get(i), diffIds.get(i))) {
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
            if (layers.contains(lease, blob, diffIds.get(i))) {
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
            layers.ensure(lease, blob, diffId, new BlobSource() {
                @Override
                public InputStream open() throws IOException {
                    return openAt(0);
                }

                @Override
                public InputStream openAt(long offset) throws IOException {
                    return openFrom(offset);
                }
            });
            progress.layer(id(), "Pull complete");
        }

        private InputStream openFrom(long offset) throws IOException {
            ReportedStream opened =
                    new ReportedStream(client.blob(repository, blob, offset), id(), offset, blob.size(), progress);
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
