package io.berth.image.removal;

import io.berth.docker.image.DeleteResponseItem;
import io.berth.docker.image.ImagesPruneReport;
import io.berth.image.event.ImageEvents;
import io.berth.image.filter.Filters;
import io.berth.image.filter.ImageFilter;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.oci.ImageReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Deletes what nobody uses: untagged images, or all images without a container. */
@Component
public final class ImagePruning {
    private final ImageStore images;
    private final ImageUsers users;
    private final Collector collector;
    private final ImageEvents events;

    ImagePruning(ImageStore images, ImageUsers users, Collector collector, ImageEvents events) {
        this.images = images;
        this.users = users;
        this.collector = collector;
        this.events = events;
    }

    /**
     * Prunes, and collects what broken pulls and loads left.
     *
     * @param filters {@code dangling} (true unless said otherwise), {@code until}, {@code label}, {@code label!}
     * @throws io.berth.docker.error.Unavailable when the engine cannot be asked
     */
    public ImagesPruneReport prune(Filters filters) {
        boolean danglingOnly = filters.flag("dangling").orElse(true);
        ImageFilter filter = new ImageFilter(filters, images);
        List<DeleteResponseItem> done = new ArrayList<>();
        for (Image image : images.list()) {
            boolean candidate = (!danglingOnly || image.tags().isEmpty()) && filter.accepts(image);
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
        long freed = collector.collect();
        events.publish("prune", "", Map.of("reclaimed", Long.toString(freed)));
        return new ImagesPruneReport(done.isEmpty() ? null : List.copyOf(done), freed);
    }
}
