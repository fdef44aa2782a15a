package io.berth.image.node.web;

import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.docker.error.SystemFailure;
import io.berth.image.cache.BuildCache;
import io.berth.image.event.ImageEvents;
import io.berth.image.exchange.ContainerCommit;
import io.berth.image.layer.Layer;
import io.berth.image.layer.LayerStore;
import io.berth.image.removal.ImageHolds;
import io.berth.image.store.Generation;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.image.store.ImageUsages;
import io.berth.image.store.NoSuchImage;
import io.berth.image.store.PlatformImages;
import io.berth.node.BuildCacheUsage;
import io.berth.node.CommitRequest;
import io.berth.node.ImageNode;
import io.berth.node.ImagesUsage;
import io.berth.node.ResolvedImage;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import io.berth.oci.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.RestController;

/** Answers the node's engine. */
@RestController
class ImageNodeController implements ImageNode {
    private static final int MOST_ANSWERS = 1000;
    private static final Pattern BARE_ID = Pattern.compile("[a-f0-9]{64}");
    private static final Pattern FULL_ID = Pattern.compile("sha256:[a-f0-9]{64}");

    private final ImageStore images;
    private final PlatformImages platforms;
    private final LayerStore layers;
    private final ImageHolds holds;
    private final ContainerCommit commit;
    private final ImageUsages usages;
    private final Generation generation;
    private final ImageEvents events;
    private final BuildCache cache;

    private final Map<Question, ResolvedImage> answers = new ConcurrentHashMap<>();

    private record Question(String reference, String platform) {}

    ImageNodeController(
            ImageStore images,
            PlatformImages platforms,
            LayerStore layers,
            ImageHolds holds,
            ContainerCommit commit,
            ImageUsages usages,
            Generation generation,
            ImageEvents events,
            BuildCache cache) {
        this.images = images;
        this.platforms = platforms;
        this.layers = layers;
        this.holds = holds;
        this.commit = commit;
        this.usages = usages;
        this.generation = generation;
        this.events = events;
        this.cache = cache;
    }

    /**
     * Every container that is created asks this, most often for the same few images, so answers are kept for as long as no image
     * or name changes. Held first and looked at again: an image that is deleted in between is then either still there or refused.
     */
    @Override
    public ResolvedImage resolve(String reference, @Nullable String platform) {
        Question question = new Question(reference, platform == null ? "" : platform);
        long number = generation.number();
        ResolvedImage known = answers.get(question);
        if (known != null && known.generation().number() == number) {
            holds.hold(known.imageId());
            if (generation.number() == number) {
                return known;
            }
        }
        ResolvedImage image = resolveAnew(reference, platform, number);
        if (answers.size() >= MOST_ANSWERS) {
            answers.clear();
        }
        answers.put(question, image);
        return image;
    }

    private ResolvedImage resolveAnew(String reference, @Nullable String platform, long number) {
        Image image = find(reference, platform);
        // Before anything else is read: from here on the content stays.
        holds.hold(image.id());
        if (images.findIncludingRetired(image.id()).isEmpty()) {
            throw new NoSuchImage(reference);
        }
        List<String> directories = new ArrayList<>();
        for (Digest diffId : image.diffIds()) {
            Layer layer = layers.find(diffId).orElseThrow(() -> new NoSuchImage(reference));
            directories.add(layer.directory().toString());
        }
        return new ResolvedImage(
                image.id(),
                image.config(),
                directories,
                new ResolvedImage.Generation(generation.file().toString(), number));
    }

    private Image find(String reference, @Nullable String platform) {
        Image image = find(reference);
        if (platform == null || platform.isEmpty()) {
            return image;
        }
        return platforms
                .find(image, reference, List.of(parse(platform)))
                .orElseThrow(() -> new NotFound("image with reference " + reference
                        + " was found but does not match the specified platform: wanted " + platform + ", actual: "
                        + image.config().platform()));
    }

    /** A full id also finds an image that was deleted by force while a container of it was left. */
    private Image find(String reference) {
        Optional<Image> byId = FULL_ID.matcher(reference).matches()
                ? images.findIncludingRetired(Digest.parse(reference))
                : Optional.empty();
        return byId.orElseGet(() -> lookUp(reference));
    }

    /** What is no reference at all is told apart from one that names nothing. */
    private Image lookUp(String reference) {
        try {
            return images.resolve(reference);
        } catch (NoSuchImage missing) {
            if (BARE_ID.matcher(reference).matches()) {
                throw missing;
            }
            try {
                ImageReference _ = ImageReference.parse(reference);
            } catch (IllegalArgumentException e) {
                throw new InvalidParameter(String.valueOf(e.getMessage()), e);
            }
            throw missing;
        }
    }

    private static Platform parse(String platform) {
        try {
            return Platform.parse(platform);
        } catch (IllegalArgumentException e) {
            throw new InvalidParameter(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public ImageCount count() {
        return new ImageCount((int) images.count());
    }

    @Override
    public CommitRequest.Committed commit(CommitRequest request) {
        try {
            CommitRequest.Committed committed = commit.commit(request);
            if (!committed.reference().isEmpty()) {
                // The engine tells of the commit when it has this answer.
                images.findIncludingRetired(committed.imageId())
                        .ifPresent(image -> events.publishAtOnce("tag", image, committed.reference()));
            }
            return committed;
        } catch (IOException e) {
            throw new SystemFailure("cannot commit: " + e.getMessage(), e);
        }
    }

    @Override
    public List<BuildCacheUsage> buildCache() {
        return cache.list().stream()
                .map(one -> new BuildCacheUsage(
                        one.id(),
                        one.parentKey() == null ? List.of() : List.of(one.parentKey()),
                        one.kind(),
                        one.description(),
                        one.inUse(),
                        one.shared(),
                        one.size(),
                        one.createdAt(),
                        one.usedAt(),
                        one.uses()))
                .toList();
    }

    @Override
    public ImagesUsage usage() {
        return usages.measure();
    }
}
