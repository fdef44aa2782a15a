package io.berth.engine.container.web;

import io.berth.docker.ApiVersion;
import io.berth.docker.container.ContainerSummary;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.image.ImageSummary;
import io.berth.docker.system.BuildCacheResponse;
import io.berth.docker.system.DiskUsageResponse;
import io.berth.docker.system.DiskUsageResponse.Usage;
import io.berth.docker.volume.VolumeResponse;
import io.berth.engine.container.Container;
import io.berth.engine.container.ContainerDirectories;
import io.berth.engine.container.ContainerSizes;
import io.berth.engine.container.ContainerSnapshot;
import io.berth.engine.container.Containers;
import io.berth.engine.image.Images;
import io.berth.engine.volume.Volumes;
import io.berth.engine.web.Call;
import io.berth.node.BuildCacheUsage;
import io.berth.node.ImagesUsage;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /system/df}: what everything takes on disk, as du(1) counts. */
@RestController
class DiskUsageController {
    private static final Set<String> TYPES = Set.of("container", "image", "volume", "build-cache");

    private final Containers containers;
    private final ContainerDirectories directories;
    private final ContainerSizes sizes;
    private final Images images;
    private final Volumes volumes;

    DiskUsageController(
            Containers containers,
            ContainerDirectories directories,
            ContainerSizes sizes,
            Images images,
            Volumes volumes) {
        this.containers = containers;
        this.directories = directories;
        this.sizes = sizes;
        this.images = images;
        this.volumes = volumes;
    }

    @GetMapping("/system/df")
    DiskUsageResponse usage(Call call) {
        Set<String> wanted = types(call);
        ApiVersion version = call.version();
        List<ContainerSnapshot> all =
                containers.newestFirst().stream().map(Container::snapshot).toList();
        @Nullable Usage<ImageSummary> image = wanted.contains("image") ? images(all, version) : null;
        @Nullable Usage<ContainerSummary> container = wanted.contains("container") ? containers(all, version) : null;
        @Nullable Usage<VolumeResponse> volume = wanted.contains("volume") ? volumes() : null;
        @Nullable Usage<?> buildCache = wanted.contains("build-cache") ? buildCache() : null;
        boolean verbose = call.flag("verbose") && version.atLeast(1, 52);
        boolean sections = version.atLeast(1, 52);
        boolean flat = !version.atLeast(1, 53) && !verbose;
        return new DiskUsageResponse(
                flat ? (Long) (image == null ? 0 : image.totalSize()) : null,
                flat && image != null ? image.items() : null,
                flat && container != null ? container.items() : null,
                flat && volume != null ? volume.items() : null,
                flat && buildCache != null ? buildCache.items() : null,
                section(image, sections, verbose),
                section(container, sections, verbose),
                section(volume, sections, verbose),
                section(buildCache, sections, verbose));
    }

    private static <T> @Nullable Usage<T> section(@Nullable Usage<T> usage, boolean wanted, boolean verbose) {
        if (usage == null || !wanted) {
            return null;
        }
        return verbose ? usage : usage.brief();
    }

    private static Set<String> types(Call call) {
        String @Nullable [] wanted = call.request().getParameterValues("type");
        if (wanted == null) {
            return TYPES;
        }
        for (String type : wanted) {
            if (!TYPES.contains(type)) {
                throw new InvalidParameter("unknown object type: " + type);
            }
        }
        return Set.of(Arrays.stream(wanted).distinct().toArray(String[]::new));
    }

    private Usage<ImageSummary> images(List<ContainerSnapshot> all, ApiVersion version) {
        Map<String, Long> users = all.stream()
                .collect(Collectors.groupingBy(container -> container.spec().imageId(), Collectors.counting()));
        ImagesUsage usage = images.usage();
        List<ImageSummary> items = new ArrayList<>();
        long active = 0;
        long needed = 0;
        for (ImagesUsage.ImageUsage image : usage.images()) {
            long count = users.getOrDefault(image.id().toString(), 0L);
            if (count > 0) {
                active++;
                needed += image.bytes() - image.sharedBytes();
            }
            // Without the placeholders for missing names that a list of images has for older clients.
            items.add(new ImageSummary(
                    image.id().toString(),
                    "",
                    image.repoTags(),
                    image.repoDigests(),
                    image.created(),
                    image.bytes(),
                    version.atLeast(1, 44) ? null : (Long) image.bytes(),
                    image.sharedBytes(),
                    image.labels(),
                    count));
        }
        return new Usage<>(active, items.size(), Math.max(0, usage.totalBytes() - needed), usage.totalBytes(), items);
    }

    private Usage<BuildCacheResponse> buildCache() {
        List<BuildCacheResponse> items = new ArrayList<>();
        long active = 0;
        long total = 0;
        long reclaimable = 0;
        for (BuildCacheUsage one : images.buildCache()) {
            active += one.inUse() ? 1 : 0;
            // What images have too is theirs.
            total += one.shared() ? 0 : one.bytes();
            reclaimable += one.shared() || one.inUse() ? 0 : one.bytes();
            items.add(new BuildCacheResponse(
                    one.id(),
                    one.parents().isEmpty() ? null : one.parents(),
                    one.type(),
                    one.description(),
                    one.inUse(),
                    one.shared(),
                    one.bytes(),
                    one.created().toString(),
                    one.lastUsed().toString(),
                    one.uses()));
        }
        return new Usage<>(active, items.size(), reclaimable, total, items);
    }

    private Usage<VolumeResponse> volumes() {
        List<VolumeResponse> items = volumes.usage();
        long active = 0;
        long total = 0;
        long reclaimable = 0;
        for (VolumeResponse volume : items) {
            VolumeResponse.@Nullable UsageData usage = volume.usageData();
            long size = usage == null ? 0 : usage.size();
            total += size;
            if (usage != null && usage.refCount() > 0) {
                active++;
            } else {
                reclaimable += size;
            }
        }
        return new Usage<>(active, items.size(), reclaimable, total, items);
    }

    private Usage<ContainerSummary> containers(List<ContainerSnapshot> all, ApiVersion version) {
        Instant now = Instant.now();
        List<ContainerSummary> items = new ArrayList<>();
        long active = 0;
        long total = 0;
        long reclaimable = 0;
        for (ContainerSnapshot container : all) {
            Path directory = directories.of(container.id());
            long writable = sizes.writable(directory);
            total += writable;
            if (container.state().running()) {
                active++;
            } else {
                reclaimable += writable;
            }
            items.add(ContainerViews.summary(
                    container,
                    new ContainerViews.Sizes(writable, sizes.root(container.spec(), directory)),
                    now,
                    version));
        }
        return new Usage<>(active, items.size(), reclaimable, total, items);
    }
}
