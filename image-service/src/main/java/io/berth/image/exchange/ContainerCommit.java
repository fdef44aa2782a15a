package io.berth.image.exchange;

import io.berth.docker.error.InvalidParameter;
import io.berth.image.content.ContentStore;
import io.berth.image.layer.Layer;
import io.berth.image.layer.LayerStore;
import io.berth.image.lease.Lease;
import io.berth.image.lease.Leases;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.image.store.NewImage;
import io.berth.image.store.NoSuchImage;
import io.berth.image.store.RepoTag;
import io.berth.linux.fd.Directory;
import io.berth.node.CommitRequest;
import io.berth.node.CommitRequest.Committed;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ImageConfig;
import io.berth.oci.ImageReference;
import io.berth.oci.OciJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Makes an image of a container's changes: its parent's layers and one more (moby: daemon/commit.go, image/image.go). */
@Component
public final class ContainerCommit {
    private final ImageStore images;
    private final LayerStore layers;
    private final ContentStore content;
    private final Leases leases;

    ContainerCommit(ImageStore images, LayerStore layers, ContentStore content, Leases leases) {
        this.images = images;
        this.layers = layers;
        this.content = content;
        this.leases = leases;
    }

    /**
     * Commits. A container without any changes gets no layer, only an entry of the history.
     *
     * @throws InvalidParameter for a malformed instruction or name; nothing is left
     * @throws NoSuchImage when there is no such parent
     */
    public Committed commit(CommitRequest request) throws IOException {
        Optional<ImageReference> name = RepoTag.of(request.repository(), request.tag());
        ImageConfig.Execution execution = ConfigChanges.apply(request.config(), request.changes());
        Path upper = Path.of(request.upperDirectory());
        if (!upper.isAbsolute()) {
            throw new InvalidParameter("not an absolute path: " + upper);
        }
        try (Lease lease = leases.open()) {
            Image parent = parent(lease, request.parent());
            List<Digest> diffIds = new ArrayList<>(parent.diffIds());
            List<Descriptor> blobs = new ArrayList<>(parent.layers());
            boolean empty = isEmpty(upper);
            if (!empty) {
                Layer layer = layers.add(lease, null, () -> LayerStream.of(upper));
                diffIds.add(layer.diffId());
                blobs.add(layer.blob());
            }
            ImageConfig config = config(parent.config(), request, execution, diffIds, empty);
            Digest id = content.put(lease, OciJson.MAPPER.writeValueAsBytes(config));
            images.create(lease, new NewImage(id, null, blobs, name.stream().toList()));
            return new Committed(id, name.map(ImageReference::familiar).orElse(""));
        }
    }

    /** Held first and looked at again, since it may be deleted at any time. */
    private Image parent(Lease lease, Digest id) {
        Image parent = find(id);
        lease.hold(parent.id());
        parent.diffIds().forEach(lease::hold);
        parent.layers().forEach(blob -> lease.hold(blob.digest()));
        return find(id);
    }

    private Image find(Digest id) {
        return images.findIncludingRetired(id).orElseThrow(() -> new NoSuchImage(id.toString()));
    }

    private static boolean isEmpty(Path upper) {
        if (!Files.isDirectory(upper)) {
            return true; // the container was never started
        }
        try (Directory directory = Directory.open(upper)) {
            return directory.list().isEmpty();
        }
    }

    private static ImageConfig config(
            ImageConfig parent,
            CommitRequest request,
            ImageConfig.Execution execution,
            List<Digest> diffIds,
            boolean empty) {
        String now = Instant.now().toString();
        List<ImageConfig.History> history = new ArrayList<>(parent.history() == null ? List.of() : parent.history());
        history.add(new ImageConfig.History(
                now,
                String.join(" ", request.command()),
                orNull(request.author()),
                orNull(request.comment()),
                empty ? true : null));
        return new ImageConfig(
                now,
                orNull(request.author()),
                parent.architecture(),
                parent.variant(),
                parent.os(),
                parent.osVersion(),
                parent.osFeatures(),
                execution,
                new ImageConfig.RootFs("layers", diffIds),
                history,
                null,
                orNull(request.comment()));
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
