package io.berth.image.transfer;

import io.berth.image.content.ContentStore;
import io.berth.image.lease.Lease;
import io.berth.image.progress.ProgressStream;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import io.berth.registryclient.PullSource;
import io.berth.registryclient.RegistryClients;
import io.berth.registryclient.RegistryCredentials;
import io.berth.registryclient.RemoteManifest;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/** Fetches and sends images that are not to be among this node's, such as caches of builds. Thread-safe. */
public final class LooseImages {
    private final RegistryClients clients;
    private final ContentStore content;
    private final ImageDownload download;
    private final ImageUpload upload;

    LooseImages(RegistryClients clients, ContentStore content, ImageDownload download, ImageUpload upload) {
        this.clients = clients;
        this.content = content;
        this.download = download;
        this.upload = upload;
    }

    /**
     * Fetches an image; its layers are unpacked and held by the lease.
     *
     * @return its configuration as it is
     * @throws IOException when the registry refuses, cannot be reached, or has no such image
     */
    public byte[] fetch(ImageReference reference, RegistryCredentials credentials, Lease lease) throws IOException {
        PullSource source = clients.sources(reference, credentials).getLast();
        String wanted = reference
                .digestIfPresent()
                .map(Digest::toString)
                .or(reference::tagIfPresent)
                .orElse("latest");
        RemoteManifest manifest = source.client().manifest(source.repository(), wanted);
        TransferProgress progress = silent();
        try {
            FetchedImage fetched = download.fetch(source.client(), source.repository(), manifest, lease, progress);
            return content.read(fetched.config(), ImageStore.MAX_DOCUMENT_BYTES);
        } finally {
            progress.end();
        }
    }

    /**
     * Sends an image under a name that it need not have here.
     *
     * @throws IOException when the registry refuses or cannot be reached
     */
    public void push(ImageReference name, Image image, RegistryCredentials credentials, Lease lease)
            throws IOException {
        ImageReference tagged = name.tag() == null ? name.withTag("latest") : name;
        TransferProgress progress = silent();
        try {
            Object _ = Objects.requireNonNull(
                    upload.send(clients.open(tagged.domain(), credentials), tagged, image, lease, progress));
        } finally {
            progress.end();
        }
    }

    private static TransferProgress silent() {
        return new TransferProgress(new ProgressStream(OutputStream.nullOutputStream()));
    }
}
