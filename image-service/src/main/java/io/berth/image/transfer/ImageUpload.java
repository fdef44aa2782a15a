package io.berth.image.transfer;

import io.berth.docker.error.SystemFailure;
import io.berth.image.content.ContentStore;
import io.berth.image.layer.Layer;
import io.berth.image.layer.LayerStore;
import io.berth.image.lease.Lease;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.image.store.WholeIndexes;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import io.berth.oci.Manifest;
import io.berth.oci.OciJson;
import io.berth.registryclient.RegistryClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Sends one image to a registry: the layers side by side, then configuration and manifest. What the registry has is not
 * sent; what it has in another repository it is asked to mount from there.
 */
final class ImageUpload {
    private static final int MAX_MOUNT_ATTEMPTS = 3;

    private final ContentStore content;
    private final LayerStore layers;
    private final ImageStore images;
    private final WholeIndexes indexes;
    private final int parallelism;

    ImageUpload(ContentStore content, LayerStore layers, ImageStore images, WholeIndexes indexes, int parallelism) {
        this.indexes = indexes;
        this.content = content;
        this.layers = layers;
        this.images = images;
        this.parallelism = parallelism;
    }

    /**
     * Sends everything and puts the manifest under the tag; an image whose index is whole goes in it.
     *
     * @return what the registry has under the tag now
     */
    Descriptor send(RegistryClient client, ImageReference tag, Image image, Lease lease, TransferProgress progress)
            throws IOException {
        lease.hold(image.id());
        lease.hold(image.manifest().digest());
        List<Descriptor> blobs = kept(image, lease);
        ParallelTransfers.run(parts(client, tag, image, blobs, progress), parallelism);
        Descriptor config =
                Descriptor.of("", image.id(), content.size(image.id()).orElseThrow());
        if (!client.blobExists(tag.path(), config.digest())) {
            client.uploadBlob(tag.path(), config, () -> content.open(config.digest()), _ -> {});
        }
        byte[] manifest = manifest(image, blobs);
        String mediaType = image.manifest().mediaType();
        Descriptor sent = Descriptor.of(mediaType, Digest.sha256(manifest), manifest.length);
        String name = tag.tagIfPresent().orElseThrow();
        Optional<Descriptor> index =
                sent.digest().equals(image.manifest().digest()) ? indexes.of(image) : Optional.empty();
        if (index.isEmpty()) {
            client.putManifest(tag.path(), name, mediaType, manifest);
            return sent;
        }
        client.putManifest(tag.path(), sent.digest().toString(), mediaType, manifest);
        for (Descriptor other : indexes.others(index.get(), image)) {
            sendOther(client, tag.path(), other, lease);
        }
        put(client, tag.path(), name, index.get(), lease);
        return index.get();
    }

    /** Another manifest of the index: an attestation, or the image of another platform. */
    private void sendOther(RegistryClient client, String repository, Descriptor manifest, Lease lease)
            throws IOException {
        for (Descriptor blob : indexes.parts(manifest)) {
            lease.hold(blob.digest());
            if (!client.blobExists(repository, blob.digest())) {
                client.uploadBlob(repository, blob, () -> content.open(blob.digest()), _ -> {});
            }
        }
        put(client, repository, manifest.digest().toString(), manifest, lease);
    }

    private void put(RegistryClient client, String repository, String name, Descriptor document, Lease lease)
            throws IOException {
        lease.hold(document.digest());
        client.putManifest(
                repository, name, document.mediaType(), content.read(document.digest(), ImageStore.MAX_DOCUMENT_BYTES));
    }

    /** The blobs to send: those of the manifest or, where one is not kept, the one that the same layer was unpacked from. */
    private List<Descriptor> kept(Image image, Lease lease) {
        List<Descriptor> blobs = new ArrayList<>();
        for (int i = 0; i < image.layers().size(); i++) {
            Digest diffId = image.diffIds().get(i);
            Descriptor blob = image.layers().get(i);
            lease.hold(blob.digest());
            if (!content.exists(blob.digest())) {
                blob = layers.find(diffId)
                        .map(Layer::blob)
                        .orElseThrow(
                                () -> new SystemFailure("layer " + diffId + " of image " + image.id() + " is missing"));
                lease.hold(blob.digest());
            }
            blobs.add(blob);
        }
        return blobs;
    }

    private byte[] manifest(Image image, List<Descriptor> blobs) throws IOException {
        byte[] kept = content.read(image.manifest().digest(), ImageStore.MAX_DOCUMENT_BYTES);
        if (blobs.equals(image.layers())) {
            return kept;
        }
        Manifest manifest = OciJson.MAPPER.readValue(kept, Manifest.class);
        return OciJson.MAPPER.writeValueAsBytes(new Manifest(
                manifest.schemaVersion(),
                manifest.mediaType(),
                manifest.artifactType(),
                manifest.config(),
                blobs,
                manifest.subject(),
                manifest.annotations()));
    }

    private List<LayerUpload> parts(
            RegistryClient client, ImageReference tag, Image image, List<Descriptor> blobs, TransferProgress progress)
            throws ClientGone {
        List<LayerUpload> parts = new ArrayList<>();
        Set<Digest> seen = new HashSet<>();
        // Docker tells and sends from the top down.
        for (int i = blobs.size() - 1; i >= 0; i--) {
            String id = image.diffIds().get(i).shortHex();
            progress.layer(id, "Preparing");
            Descriptor blob = blobs.get(i);
            if (seen.add(blob.digest())) {
                parts.add(new LayerUpload(client, tag, id, blob, sources(tag, blob.digest()), progress));
            }
        }
        return parts;
    }

    /** Other repositories of the same registry that an image with this layer has been pulled from or pushed to. */
    private List<String> sources(ImageReference target, Digest blob) {
        return images.list().stream()
                .filter(image ->
                        image.layers().stream().anyMatch(layer -> layer.digest().equals(blob)))
                .flatMap(image -> image.digests().stream())
                .filter(name ->
                        name.domain().equals(target.domain()) && !name.path().equals(target.path()))
                .map(ImageReference::path)
                .distinct()
                .limit(MAX_MOUNT_ATTEMPTS)
                .toList();
    }

    private final class LayerUpload implements ParallelTransfers.Part {
        private final RegistryClient client;
        private final ImageReference target;
        private final String id;
        private final Descriptor blob;
        private final List<String> sources;
        private final TransferProgress progress;

        LayerUpload(
                RegistryClient client,
                ImageReference target,
                String id,
                Descriptor blob,
                List<String> sources,
                TransferProgress progress) {
            this.client = client;
            this.target = target;
            this.id = id;
            this.blob = blob;
            this.sources = sources;
            this.progress = progress;
        }

        @Override
        public void waiting() throws IOException {
            progress.layer(id, "Waiting");
        }

        @Override
        public void run() throws IOException {
            if (client.blobExists(target.path(), blob.digest())) {
                progress.layer(id, "Layer already exists");
                return;
            }
            for (String source : sources) {
                if (client.mountBlob(target.path(), blob.digest(), source)) {
                    progress.layer(id, "Mounted from " + source);
                    return;
                }
            }
            TransferProgress.Meter meter = progress.meter(id, "Pushing", blob.size());
            client.uploadBlob(target.path(), blob, () -> content.open(blob.digest()), meter::at);
            progress.layer(id, "Pushed");
        }

        @Override
        public void abort() {
            // The progress ends with the transfer, and with that the next piece sent fails.
        }
    }
}
