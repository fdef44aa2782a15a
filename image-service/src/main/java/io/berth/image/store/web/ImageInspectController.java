package io.berth.image.store.web;

import io.berth.docker.ApiVersion;
import io.berth.docker.DockerJson;
import io.berth.docker.error.NotFound;
import io.berth.docker.image.HistoryItem;
import io.berth.docker.image.ImageInspect;
import io.berth.image.layer.Layer;
import io.berth.image.layer.LayerStore;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.oci.Digest;
import io.berth.oci.ImageConfig;
import io.berth.oci.ImageReference;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.node.ObjectNode;

@RestController
class ImageInspectController {
    private static final String ZERO_TIME = "0001-01-01T00:00:00Z";

    private final ImageStore images;
    private final LayerStore layers;

    ImageInspectController(ImageStore images, LayerStore layers) {
        this.images = images;
        this.layers = layers;
    }

    @GetMapping("/images/{name}/json")
    ImageInspect inspect(ApiVersion version, @PathVariable("name") String name) {
        Image image = images.resolve(name);
        ImageConfig config = image.config();
        // 1.52 leaves out what is empty; before, these were always there.
        boolean sparse = version.atLeast(1, 52);
        return new ImageInspect(
                image.id().toString(),
                familiar(image.tags()),
                familiar(image.digests()),
                sparse ? null : "",
                orEmpty(config.comment(), sparse),
                config.created() == null && !version.atLeast(1, 44) ? ZERO_TIME : config.created(),
                version.atLeast(1, 45) ? null : "",
                orEmpty(config.dockerVersion(), sparse),
                orEmpty(config.author(), sparse),
                configTree(config.execution(), version),
                config.architecture(),
                config.variant(),
                config.os(),
                config.osVersion(),
                image.size(),
                version.atLeast(1, 44) ? null : (Long) image.size(),
                graphDriver(image),
                new ImageInspect.RootFs(
                        "layers", image.diffIds().stream().map(Digest::toString).toList()),
                new ImageInspect.Metadata(
                        image.lastTagged() == null
                                ? ZERO_TIME
                                : image.lastTagged().toString()));
    }

    private static List<String> familiar(List<ImageReference> names) {
        return names.stream().map(ImageReference::familiar).toList();
    }

    private static @Nullable String orEmpty(@Nullable String value, boolean sparse) {
        boolean empty = value == null || value.isEmpty();
        return empty ? (sparse ? null : "") : value;
    }

    /** Before 1.50 the fields of a container's configuration were there too, always empty (API changelog). */
    private static ObjectNode configTree(ImageConfig.Execution execution, ApiVersion version) {
        ObjectNode tree = DockerJson.MAPPER.createObjectNode();
        if (!version.atLeast(1, 50)) {
            tree.put("Hostname", "").put("Domainname", "");
        }
        if (!version.atLeast(1, 52)) {
            tree.put("User", "");
        }
        if (!version.atLeast(1, 50)) {
            for (String flag :
                    List.of("AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin", "StdinOnce")) {
                tree.put(flag, false);
            }
        }
        if (!version.atLeast(1, 52)) {
            tree.putNull("Env").putNull("Cmd");
        }
        if (!version.atLeast(1, 50)) {
            tree.put("Image", "");
        }
        if (!version.atLeast(1, 52)) {
            tree.putNull("Volumes").put("WorkingDir", "").putNull("Entrypoint");
            tree.putNull("OnBuild").putNull("Labels");
        }
        tree.setAll((ObjectNode) DockerJson.MAPPER.valueToTree(execution));
        return tree;
    }

    private ImageInspect.GraphDriver graphDriver(Image image) {
        List<String> directories = new ArrayList<>();
        for (Digest diffId : image.diffIds().reversed()) {
            layers.find(diffId).map(layer -> layer.directory().toString()).ifPresent(directories::add);
        }
        Map<String, String> data = new LinkedHashMap<>();
        if (directories.size() > 1) {
            data.put("LowerDir", String.join(":", directories.subList(1, directories.size())));
        }
        if (!directories.isEmpty()) {
            data.put("UpperDir", directories.getFirst());
        }
        return new ImageInspect.GraphDriver(data, "overlay2");
    }

    @GetMapping("/images/{name}/history")
    List<HistoryItem> history(@PathVariable("name") String name) {
        Image image = images.resolve(name);
        Map<Digest, Long> sizes =
                layers.list().stream().collect(Collectors.toMap(Layer::diffId, Layer::size, (a, _) -> a));
        List<ImageConfig.History> steps =
                Objects.requireNonNullElse(image.config().history(), List.<ImageConfig.History>of());
        List<HistoryItem> items = new ArrayList<>();
        int layer = 0;
        for (int i = 0; i < steps.size(); i++) {
            ImageConfig.History step = steps.get(i);
            boolean empty = Boolean.TRUE.equals(step.emptyLayer());
            long size = 0;
            if (!empty && layer < image.diffIds().size()) {
                size = sizes.getOrDefault(image.diffIds().get(layer++), 0L);
            }
            boolean newest = i == steps.size() - 1;
            items.addFirst(new HistoryItem(
                    newest ? image.id().toString() : "<missing>",
                    seconds(step.created()),
                    Objects.requireNonNullElse(step.createdBy(), ""),
                    newest && !image.tags().isEmpty() ? familiar(image.tags()) : null,
                    size,
                    Objects.requireNonNullElse(step.comment(), "")));
        }
        return items;
    }

    private static long seconds(@Nullable String time) {
        try {
            return time == null ? 0 : OffsetDateTime.parse(time).toInstant().getEpochSecond();
        } catch (DateTimeException e) {
            return Instant.EPOCH.getEpochSecond();
        }
    }

    /** Attestations are kept by registries; this store keeps images only, so no image has any. */
    @GetMapping("/images/{name}/attestations")
    void attestations(@PathVariable("name") String name) {
        images.resolve(name);
        throw new NotFound("no attestations are stored for image " + name);
    }
}
