package io.berth.image.catalog.web;

import io.berth.docker.ApiVersion;
import io.berth.docker.image.ImageSummary;
import io.berth.dockerserver.filter.Filters;
import io.berth.image.filter.ImageFilter;
import io.berth.image.layer.Layer;
import io.berth.image.layer.LayerStore;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.image.store.ManifestSummaries;
import io.berth.image.store.PlatformImages;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
class ImageListController {
    private static final Set<String> FILTERS =
            Set.of("dangling", "label", "label!", "before", "since", "reference", "until");

    private final ImageStore images;
    private final PlatformImages platforms;
    private final LayerStore layers;
    private final ManifestSummaries summaries;

    ImageListController(ImageStore images, PlatformImages platforms, LayerStore layers, ManifestSummaries summaries) {
        this.images = images;
        this.platforms = platforms;
        this.layers = layers;
        this.summaries = summaries;
    }

    /**
     * {@code GET /images/json}. There are no intermediate images, so {@code all} changes nothing. Platforms of one image are told of in its
     * manifests only.
     */
    @GetMapping("/images/json")
    List<ImageSummary> list(
            ApiVersion version,
            @RequestParam(name = "filters", required = false) @Nullable String filtersJson,
            @RequestParam(name = "filter", required = false) @Nullable String name,
            @RequestParam(name = "shared-size", defaultValue = "false") String sharedSize,
            @RequestParam(name = "manifests", defaultValue = "false") String manifests) {
        Filters filters = Filters.parse(filtersJson).acceptOnly(FILTERS);
        if (name != null && !name.isEmpty()) { // before 1.41
            filters = filters.with("reference", List.of(name));
        }
        ImageFilter filter = new ImageFilter(filters, images);
        Optional<Boolean> dangling = filters.flag("dangling");
        boolean withShared = isTrue(sharedSize);
        boolean withManifests = version.atLeast(1, 47) && isTrue(manifests);
        List<Image> all = images.list();
        Map<Digest, Long> shared = withShared ? sharedLayerSizes(all) : Map.of();
        List<ImageSummary> summaries = new ArrayList<>();
        for (Image image : all) {
            boolean isDangling = image.tags().isEmpty();
            if (!filter.accepts(image)
                    || (dangling.isPresent() && dangling.get() != isDangling)
                    || platforms.isBesideANamedOne(image)) {
                continue;
            }
            List<ImageReference> names = new ArrayList<>(image.tags());
            names.addAll(image.digests());
            Optional<List<ImageReference>> matching = filter.names(names);
            if (matching.isPresent()) {
                summaries.add(summary(image, matching.get(), withShared ? sharedSize(image, shared) : -1, withManifests)
                        .forVersion(version));
            }
        }
        return summaries;
    }

    private static boolean isTrue(String value) {
        return value.equals("1") || value.equalsIgnoreCase("true");
    }

    private ImageSummary summary(Image image, List<ImageReference> names, long sharedSize, boolean withManifests) {
        return new ImageSummary(
                image.id().toString(),
                "",
                familiar(names, true),
                familiar(names, false),
                ImageFilter.created(image).getEpochSecond(),
                image.size(),
                null,
                sharedSize,
                image.config().execution().labels(),
                -1,
                withManifests ? summaries.of(image) : null,
                summaries.target(image));
    }

    private static List<String> familiar(List<ImageReference> names, boolean tagged) {
        return names.stream()
                .filter(name -> (name.tag() != null) == tagged)
                .map(ImageReference::familiar)
                .toList();
    }

    /** Sizes of the layers that more than one image has. */
    private Map<Digest, Long> sharedLayerSizes(List<Image> all) {
        Map<Digest, Long> users = all.stream()
                .flatMap(image -> image.diffIds().stream().distinct())
                .collect(Collectors.groupingBy(diffId -> diffId, Collectors.counting()));
        return layers.list().stream()
                .filter(layer -> users.getOrDefault(layer.diffId(), 0L) > 1)
                .collect(Collectors.toMap(Layer::diffId, Layer::size));
    }

    private static long sharedSize(Image image, Map<Digest, Long> shared) {
        return image.diffIds().stream()
                .mapToLong(diffId -> shared.getOrDefault(diffId, 0L))
                .sum();
    }
}
