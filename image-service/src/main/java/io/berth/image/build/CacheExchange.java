package io.berth.image.build;

import io.berth.docker.error.NotFound;
import io.berth.image.cache.BuildCache.Hit;
import io.berth.image.caller.Caller;
import io.berth.image.content.ContentStore;
import io.berth.image.layer.Layer;
import io.berth.image.layer.LayerStore;
import io.berth.image.lease.Lease;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.image.store.NewImage;
import io.berth.image.store.NoSuchImage;
import io.berth.image.transfer.LooseImages;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ImageConfig;
import io.berth.oci.ImageReference;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.OciJson;
import io.berth.oci.Platform;
import io.berth.registryclient.RegistryCredentials;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Carries the cache between nodes: images whose configuration has a record of the steps that made their layers, in a field of its
 * own that other programs ignore.
 *
 * <pre>"io.berth.buildcache.v1": [{"key": "sha256:…", "diffId": "sha256:…", "description": "RUN make", "made": "2026-11-27T09:00:00Z"}]</pre>
 *
 * <p>Where its user wants it, the content of cache mounts goes along, each as a layer that is named in another such field:
 *
 * <pre>"io.berth.cachemounts.v1": [{"id": "/root/.m2", "diffId": "sha256:…"}]</pre>
 *
 * <p>What such a record says is believed by the build alone that names the image. Thread-safe.
 */
@Component
public final class CacheExchange {
    private static final Logger LOG = LoggerFactory.getLogger(CacheExchange.class);
    private static final String FIELD = "io.berth.buildcache.v1";
    private static final String MOUNTS = "io.berth.cachemounts.v1";
    private static final String INLINE = "BUILDKIT_INLINE_CACHE";

    private final ImageStore images;
    private final LayerStore layers;
    private final ContentStore content;
    private final LooseImages loose;
    private final MountLayers mounts;

    CacheExchange(ImageStore images, LayerStore layers, ContentStore content, LooseImages loose, MountLayers mounts) {
        this.mounts = mounts;
        this.images = images;
        this.layers = layers;
        this.content = content;
        this.loose = loose;
    }

    /** Whether a build argument asks for a record in the image, as BuildKit's users do. */
    public static boolean isInline(Map<String, String> buildArgs) {
        String value = buildArgs.getOrDefault(INLINE, "");
        return value.equals("1") || value.equalsIgnoreCase("true");
    }

    /** The configuration of an image with a record of its own steps. */
    static byte[] inline(BuiltImage built) {
        return withRecord(built.config(), built.steps(), Map.of());
    }

    private static byte[] withRecord(ImageConfig config, List<CachedStep> steps, Map<String, Layer> mounts) {
        ObjectNode tree = OciJson.MAPPER.valueToTree(config);
        ArrayNode record = tree.putArray(FIELD);
        for (CachedStep step : steps) {
            record.addObject()
                    .put("key", step.key().toString())
                    .put("diffId", step.layer().diffId().toString())
                    .put("description", step.description())
                    .put("made", step.made().toString());
        }
        if (!mounts.isEmpty()) {
            ArrayNode carried = tree.putArray(MOUNTS);
            mounts.forEach((id, layer) -> carried.addObject()
                    .put("id", id)
                    .put("diffId", layer.diffId().toString()));
        }
        return OciJson.MAPPER.writeValueAsBytes(tree);
    }

    /**
     * Sends a cache to a registry, as an image of all its layers that is not to be run.
     *
     * @param built of one or more platforms
     * @param parts what is in it
     */
    public void push(List<BuiltImage> built, Parts parts, ImageReference name, RegistryCredentials credentials)
            throws IOException, InterruptedException {
        Cache cache = cache(built, parts);
        Lease lease = built.getFirst().lease();
        Digest id = content.put(lease, cache.config());
        Image image = images.create(
                lease,
                new NewImage(id, null, cache.layers().stream().map(Layer::blob).toList(), List.of()));
        try {
            loose.push(name, image, credentials, lease);
        } finally {
            boolean _ = images.retire(image.id(), List.of());
        }
    }

    /**
     * What is to be in a cache.
     *
     * @param allStages whether steps of other stages than the image's own are
     * @param mounts whether the content of cache mounts is
     */
    public record Parts(boolean allStages, boolean mounts) {}

    /** Takes blobs of a cache. */
    @FunctionalInterface
    public interface Receiver {
        /** @param content closed by the caller */
        void receive(Descriptor blob, InputStream content) throws IOException, InterruptedException;
    }

    /**
     * Hands a cache over as an image, its manifest last.
     *
     * @param built of one or more platforms
     * @param parts what is in it
     * @return the manifest
     */
    public Descriptor write(List<BuiltImage> built, Parts parts, Receiver receiver)
            throws IOException, InterruptedException {
        Cache cache = cache(built, parts);
        List<Descriptor> blobs = new ArrayList<>();
        for (Layer layer : cache.layers()) {
            Descriptor blob = layer.blob();
            blobs.add(Descriptor.of(blob.mediaType(), blob.digest(), blob.size()));
            try (InputStream in = content.open(blob.digest())) {
                receiver.receive(blob, in);
            }
        }
        Descriptor config = receive(receiver, MediaType.OCI_CONFIG, cache.config());
        return receive(
                receiver,
                MediaType.OCI_MANIFEST,
                OciJson.MAPPER.writeValueAsBytes(
                        new Manifest(2, MediaType.OCI_MANIFEST, null, config, blobs, null, null)));
    }

    private static Descriptor receive(Receiver receiver, String mediaType, byte[] bytes)
            throws IOException, InterruptedException {
        Descriptor blob = Descriptor.of(mediaType, Digest.sha256(bytes), bytes.length);
        receiver.receive(blob, new ByteArrayInputStream(bytes));
        return blob;
    }

    /** Of an image that is not to be run. */
    private record Cache(
            @SuppressWarnings("ArrayRecordComponent") byte[] config, List<Layer> layers) {}

    private Cache cache(List<BuiltImage> built, Parts parts) throws IOException, InterruptedException {
        List<CachedStep> steps = built.stream()
                .flatMap(one -> (parts.allStages() ? one.allSteps() : one.steps()).stream())
                .distinct()
                .toList();
        Map<String, Layer> mounted = new TreeMap<>();
        if (parts.mounts()) {
            for (BuiltImage one : built) {
                mounted.putAll(mounts.of(one));
            }
        }
        Map<Digest, Layer> carried = new LinkedHashMap<>();
        steps.forEach(step -> carried.put(step.layer().diffId(), step.layer()));
        mounted.values().forEach(layer -> carried.put(layer.diffId(), layer));
        ImageConfig config = new ImageConfig(
                null,
                null,
                Platform.current().architecture(),
                null,
                Platform.current().os(),
                null,
                null,
                null,
                new ImageConfig.RootFs("layers", List.copyOf(carried.keySet())),
                null,
                null,
                null);
        return new Cache(withRecord(config, steps, mounted), List.copyOf(carried.values()));
    }

    /**
     * What caches have.
     *
     * @param steps by key
     * @param mounts by id
     */
    record Imported(Map<Digest, Hit> steps, Map<String, Layer> mounts) {}

    /**
     * What images say of the steps that made their layers, whose layers are all here and held by the lease then. An image that cannot
     * be had, or says nothing, only makes the build slower.
     *
     * @param names of images here, or at their registries
     * @param caller who wants them; others' are not there
     * @param brought images that the client has
     */
    Imported read(
            List<String> names,
            Caller caller,
            Function<String, RegistryCredentials> credentials,
            List<ImageSource> brought,
            Lease lease)
            throws InterruptedException {
        Imported found = new Imported(new HashMap<>(), new HashMap<>());
        for (String name : names) {
            try {
                read(config(name, caller, credentials, lease), lease, found);
            } catch (IOException | RuntimeException e) {
                LOG.atInfo().setCause(e).addKeyValue("imageRef", name).log("no cache taken from an image");
            }
        }
        for (ImageSource source : brought) {
            try {
                Image image = source.fetch(lease, null);
                read(content.read(image.id(), ImageStore.MAX_DOCUMENT_BYTES), lease, found);
            } catch (IOException | RuntimeException e) {
                LOG.atInfo().setCause(e).log("no cache taken from a client");
            }
        }
        return found;
    }

    private byte[] config(String name, Caller caller, Function<String, RegistryCredentials> credentials, Lease lease)
            throws IOException {
        if (caller.hidesName(name)) {
            throw new NotFound("no image of that name: " + name);
        }
        Image image;
        try {
            image = images.resolve(name);
        } catch (NoSuchImage e) {
            ImageReference reference = ImageReference.parse(name);
            return loose.fetch(reference, credentials.apply(reference.domain()), lease);
        }
        if (caller.hides(image)) {
            throw new NotFound("no image of that name: " + name);
        }
        return content.read(image.id(), ImageStore.MAX_DOCUMENT_BYTES);
    }

    private void read(byte[] config, Lease lease, Imported found) {
        try {
            JsonNode tree = OciJson.MAPPER.readTree(config);
            // What a record names is a claim: the image's own layers are what came with it.
            Set<Digest> own = Set.copyOf(ImageStore.parseConfig(config).rootfs().diffIds());
            for (JsonNode step : tree.path(FIELD)) {
                Optional<Layer> layer = layer(step, own, lease);
                if (layer.isPresent()) {
                    found.steps()
                            .put(
                                    Digest.parse(step.path("key").asString()),
                                    new Hit(
                                            layer.get(),
                                            Instant.parse(step.path("made").asString())));
                }
            }
            for (JsonNode mount : tree.path(MOUNTS)) {
                layer(mount, own, lease)
                        .ifPresent(layer -> found.mounts().put(mount.path("id").asString(), layer));
            }
        } catch (JacksonException | IllegalArgumentException | DateTimeException e) {
            throw new BuildFailure("malformed record of a build's steps: " + e.getMessage(), e);
        }
    }

    private Optional<Layer> layer(JsonNode record, Set<Digest> own, Lease lease) {
        Digest diffId = Digest.parse(record.path("diffId").asString());
        if (!own.contains(diffId)) {
            return Optional.empty();
        }
        lease.hold(diffId);
        Optional<Layer> layer = layers.find(diffId);
        layer.ifPresent(found -> lease.hold(found.blob().digest()));
        return layer;
    }
}
