package io.berth.image.catalog.web;

import io.berth.docker.ApiVersion;
import io.berth.docker.DockerJson;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.image.AttestationStatement;
import io.berth.docker.image.HistoryItem;
import io.berth.docker.image.ImageInspect;
import io.berth.image.layer.Layer;
import io.berth.image.layer.LayerStore;
import io.berth.image.store.Image;
import io.berth.image.store.ImageAttestations;
import io.berth.image.store.ImagePlatforms;
import io.berth.image.store.ManifestSummaries;
import io.berth.image.store.PlatformImages;
import io.berth.oci.Digest;
import io.berth.oci.ImageConfig;
import io.berth.oci.ImageReference;
import io.berth.oci.Platform;
import jakarta.servlet.http.HttpServletRequest;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.node.ObjectNode;

@RestController
class ImageInspectController {
    private static final String ZERO_TIME = "0001-01-01T00:00:00Z";

    private final PlatformImages images;
    private final LayerStore layers;
    private final ManifestSummaries summaries;
    private final ImageAttestations attestations;

    ImageInspectController(
            PlatformImages images, LayerStore layers, ManifestSummaries summaries, ImageAttestations attestations) {
        this.images = images;
        this.layers = layers;
        this.summaries = summaries;
        this.attestations = attestations;
    }

    @GetMapping("/images/{name}/json")
    ImageInspect inspect(
            ApiVersion version,
            @PathVariable("name") String name,
            @RequestParam(name = "manifests", defaultValue = "false") String manifests,
            @RequestParam(name = "platform", required = false) @Nullable String platform) {
        boolean withManifests = version.atLeast(1, 48) && isTrue(manifests);
        List<Platform> wanted =
                version.atLeast(1, 49) ? ImagePlatforms.parse(platform).stream().toList() : List.of();
        if (withManifests && !wanted.isEmpty()) {
            throw new InvalidParameter("conflicting options: manifests and platform options cannot both be set");
        }
        Image image = images.resolve(name, wanted);
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
                                : image.lastTagged().toString()),
                version.atLeast(1, 48) ? summaries.target(image) : null,
                withManifests ? summaries.of(image) : null);
    }

    private static boolean isTrue(String value) {
        return value.equals("1") || value.equalsIgnoreCase("true");
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
    List<HistoryItem> history(
            ApiVersion version,
            @PathVariable("name") String name,
            @RequestParam(name = "platform", required = false) @Nullable String platform) {
        List<Platform> wanted =
                version.atLeast(1, 48) ? ImagePlatforms.parse(platform).stream().toList() : List.of();
        Image image = images.resolve(name, wanted);
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

    /** {@code GET /images/{name}/attestations}: an empty list when nothing was attested. */
    @GetMapping("/images/{name}/attestations")
    List<AttestationStatement> attestations(
            @PathVariable("name") String name,
            @RequestParam(name = "statement", defaultValue = "false") String statement,
            HttpServletRequest request) {
        List<Platform> wanted = ImagePlatforms.parseAll(request.getParameterValues("platform"));
        if (wanted.size() > 1) {
            throw new InvalidParameter("only one platform may be specified");
        }
        String[] types = request.getParameterValues("type");
        Image image = images.resolve(name, wanted);
        return attestations.statements(image, types == null ? Set.of() : Set.copyOf(List.of(types)), isTrue(statement));
    }
}
