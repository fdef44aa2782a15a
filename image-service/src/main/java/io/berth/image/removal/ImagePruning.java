package io.berth.image.removal;

import io.berth.docker.error.InvalidParameter;
import io.berth.docker.image.DeleteResponseItem;
import io.berth.docker.image.ImagesPruneReport;
import io.berth.dockerserver.filter.Filters;
import io.berth.image.content.ContentStore;
import io.berth.image.event.ImageEvents;
import io.berth.image.filter.ImageFilter;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.image.store.PlatformImages;
import io.berth.oci.ImageReference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Deletes what nobody uses: untagged images, or all images without a container. */
@Component
public final class ImagePruning {
    private final ImageStore images;
    private final PlatformImages platformImages;
    private final ImageUsers users;
    private final Collector collector;
    private final ContentStore content;
    private final ImageEvents events;

    ImagePruning(
            ImageStore images,
            PlatformImages platformImages,
            ImageUsers users,
            Collector collector,
            ContentStore content,
            ImageEvents events) {
        this.images = images;
        this.platformImages = platformImages;
        this.users = users;
        this.collector = collector;
        this.content = content;
        this.events = events;
    }

    /**
     * Prunes, and collects what broken pulls and loads left unless only what has a label is meant.
     *
     * @param filters {@code dangling} (true unless said otherwise), {@code until}, {@code label}, {@code label!}
     * @throws InvalidParameter when a filter cannot be read, or there is more than one {@code until}
     * @throws io.berth.docker.error.Unavailable when the engine cannot be asked
     */
    public ImagesPruneReport prune(Filters filters) {
        if (filters.of("until").size() > 1) {
            throw new InvalidParameter("more than one until filter specified");
        }
        boolean danglingOnly = filters.flag("dangling").orElse(true);
        ImageFilter filter = new ImageFilter(filters, images);
        List<DeleteResponseItem> done = new ArrayList<>();
        // Those that are beside others last: they go with them.
        List<Image> inOrder = images.list().stream()
                .sorted(Comparator.comparing(Image::isNameless))
                .toList();
        for (Image image : inOrder) {
            boolean candidate = (!danglingOnly || image.tags().isEmpty())
                    && filter.accepts(image)
                    && !platformImages.isBesideANamedOne(image);
            if (candidate && users.of(image.id()).isEmpty()) {
                List<ImageReference> names = new ArrayList<>(image.tags());
                names.addAll(image.digests());
                if (images.retire(image.id(), names)) {
                    names.forEach(name -> done.add(DeleteResponseItem.untagged(name.familiar())));
                    done.add(DeleteResponseItem.deleted(image.id().toString()));
                    events.publish("delete", image, image.id().toString());
                }
            }
        }
        boolean byLabel =
                !filters.of("label").isEmpty() || !filters.of("label!").isEmpty();
        // What has no label is not meant, and not this prune's to report.
        long freed = byLabel && done.isEmpty() ? 0 : collector.collect();
        freed += byLabel ? 0 : discardPartials();
        events.publish("prune", "", Map.of("reclaimed", Long.toString(freed)));
        return new ImagesPruneReport(done.isEmpty() ? null : List.copyOf(done), freed);
    }

    private long discardPartials() {
        try {
            return content.discardPartials(Duration.ZERO);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove partly received blobs", e);
        }
    }
}
