package io.berth.image.build.buildkit;

import io.berth.buildkit.ClientContent;
import io.berth.docker.error.ApiException;
import io.berth.image.build.BuildFailure;
import io.berth.image.build.ImageSource;
import io.berth.image.content.BlobSource;
import io.berth.image.content.ContentStore;
import io.berth.image.layer.Layer;
import io.berth.image.layer.LayerStore;
import io.berth.image.lease.Lease;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.image.transfer.PlatformChoice;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ImageConfig;
import io.berth.oci.Index;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.OciJson;
import io.berth.oci.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Brings images here that clients have in OCI layouts. All that comes is verified by its digest. Thread-safe. */
@Component
final class ClientImages {
    private static final int MAX_LAYERS = 500;

    private final ContentStore content;
    private final LayerStore layers;

    ClientImages(ContentStore content, LayerStore layers) {
        this.content = content;
        this.layers = layers;
    }

    /** An image in a store of the client's, by the digest of its manifest or index. */
    ImageSource in(ClientContent store, Digest digest) {
        return (lease, platform) -> {
            try {
                return fetch(store, digest, lease, platform);
            } catch (ApiException | JacksonException | IllegalArgumentException e) {
                throw new BuildFailure("failed to load " + digest + " from client: " + e.getMessage(), e);
            }
        };
    }

    private Image fetch(ClientContent store, Digest digest, Lease lease, @Nullable Platform platform)
            throws IOException, InterruptedException {
        Descriptor wanted = Descriptor.of(MediaType.OCI_MANIFEST, digest, store.size(digest));
        JsonNode document = OciJson.MAPPER.readTree(document(store, wanted, lease));
        if (document.has("manifests")) {
            Index index = OciJson.MAPPER.treeToValue(document, Index.class);
            wanted = PlatformChoice.of(index, platform);
            document = OciJson.MAPPER.readTree(document(store, wanted, lease));
        }
        if (!document.path("config").has("digest") || !document.path("layers").isArray()) {
            throw new BuildFailure(digest + " is not the manifest of an image");
        }
        Manifest manifest = OciJson.MAPPER.treeToValue(document, Manifest.class);
        ImageConfig config = ImageStore.parseConfig(document(store, manifest.config(), lease));
        List<Digest> diffIds = config.rootfs().diffIds();
        if (diffIds.size() != manifest.layers().size() || diffIds.size() > MAX_LAYERS) {
            throw new BuildFailure("layers of " + digest + " don't match its configuration");
        }
        long size = 0;
        for (int i = 0; i < diffIds.size(); i++) {
            Descriptor blob = manifest.layers().get(i);
            Layer layer = layers.ensure(lease, blob, diffIds.get(i), source(store, blob.digest()));
            size += layer.size();
        }
        return new Image(
                manifest.config().digest(), config, wanted, manifest.layers(), List.of(), List.of(), size, null);
    }

    private byte[] document(ClientContent store, Descriptor blob, Lease lease) throws IOException {
        if (blob.size() > ImageStore.MAX_DOCUMENT_BYTES) {
            throw new BuildFailure(blob.digest() + " is larger than 4 MiB");
        }
        content.ensure(lease, blob, source(store, blob.digest()));
        return content.read(blob.digest(), ImageStore.MAX_DOCUMENT_BYTES);
    }

    private static BlobSource source(ClientContent store, Digest digest) {
        return new BlobSource() {
            @Override
            public InputStream open() throws IOException {
                return store.open(digest, 0);
            }

            @Override
            public InputStream openAt(long offset) throws IOException {
                return store.open(digest, offset);
            }
        };
    }
}
