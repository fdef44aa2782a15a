package io.berth.image.transfer;

import io.berth.docker.error.ApiException;
import io.berth.image.content.BlobSource;
import io.berth.image.content.ContentStore;
import io.berth.image.lease.Lease;
import io.berth.image.store.ImageAttestations;
import io.berth.image.store.ImageStore;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Index;
import io.berth.oci.Manifest;
import io.berth.registryclient.PullSource;
import io.berth.registryclient.RemoteManifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches what was attested of an image beside it. An image is good without, so what cannot be had is left out. What is not a statement
 * of reasonable size is not fetched.
 */
final class AttestationDownload {
    private static final Logger LOG = LoggerFactory.getLogger(AttestationDownload.class);
    private static final String STATEMENT = "application/vnd.in-toto+json";
    private static final int MAX_STATEMENTS = 16;

    private final ContentStore content;

    AttestationDownload(ContentStore content) {
        this.content = content;
    }

    /**
     * Fetches the attestation of a manifest.
     *
     * @return what is here now and held by the lease
     */
    List<Digest> fetch(PullSource source, Index index, Digest manifest, Lease lease) throws ClientGone {
        Optional<Descriptor> attestation = ImageAttestations.of(index, manifest)
                .filter(descriptor -> descriptor.size() <= ImageStore.MAX_DOCUMENT_BYTES);
        List<Digest> kept = new ArrayList<>();
        if (attestation.isEmpty()) {
            return kept;
        }
        try {
            RemoteManifest remote = source.client()
                    .manifest(source.repository(), attestation.get().digest().toString());
            Manifest document = remote.manifest();
            keep(remote.descriptor(), () -> new ByteArrayInputStream(remote.content()), lease, kept);
            List<Descriptor> statements = document.layers().stream()
                    .filter(layer -> layer.mediaType().equals(STATEMENT))
                    .filter(layer -> layer.size() <= ImageAttestations.MAX_STATEMENT_BYTES)
                    .limit(MAX_STATEMENTS)
                    .toList();
            for (Descriptor statement : statements) {
                keep(statement, () -> source.client().blob(source.repository(), statement), lease, kept);
            }
        } catch (ClientGone e) {
            throw e;
        } catch (IOException | ApiException e) {
            LOG.atDebug().setCause(e).addKeyValue("manifest", manifest).log("attestations cannot be fetched");
        }
        return kept;
    }

    private void keep(Descriptor blob, BlobSource bytes, Lease lease, List<Digest> kept) throws IOException {
        content.ensure(lease, blob, bytes);
        kept.add(blob.digest());
    }
}
