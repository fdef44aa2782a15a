package io.berth.image.event;

import io.berth.image.store.Image;
import io.berth.node.EngineNode.ImageEvent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the engine what happens to images. Never waits and never fails: what an engine that is away, or slow, does not take is
 * dropped once {@value #BACKLOG} wait. Thread-safe; events arrive in the order of their calls.
 */
public final class ImageEvents implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ImageEvents.class);
    private static final int BACKLOG = 1024;
    private static final String IMAGE = "image";

    private final BlockingQueue<ImageEvent> queue = new ArrayBlockingQueue<>(BACKLOG);
    private final Consumer<ImageEvent> engine;
    private final Thread sender;

    /**
     * @param engine takes one event; may block and fail
     */
    public ImageEvents(Consumer<ImageEvent> engine) {
        this.engine = engine;
        this.sender = Thread.ofVirtual().name("image-events").start(this::send);
    }

    /** Something happened to an image; its labels become attributes. */
    public void publish(String action, Image image, String name) {
        offer(new ImageEvent(IMAGE, action, image.id().toString(), attributes(image, name)));
    }

    private static Map<String, String> attributes(Image image, String name) {
        Map<String, String> attributes = new HashMap<>();
        if (image.config().execution().labels() != null) {
            attributes.putAll(image.config().execution().labels());
        }
        attributes.put("name", name);
        return attributes;
    }

    /** Tells the engine before it returns, for what the engine is to know first; never fails either. */
    public void publishAtOnce(String action, Image image, String name) {
        tell(new ImageEvent(IMAGE, action, image.id().toString(), attributes(image, name)));
    }

    /** Something happened to what has no image any more, or none yet. */
    public void publish(String action, String subject, Map<String, String> attributes) {
        offer(new ImageEvent(IMAGE, action, subject, attributes));
    }

    /** What builds keep was pruned (moby: daemon/server/backend/build, PruneCache). */
    public void buildCachePruned(long reclaimedBytes) {
        offer(new ImageEvent("builder", "prune", "", Map.of("reclaimed", Long.toString(reclaimedBytes))));
    }

    /** The same for each of several subjects that are their own names. */
    public void publishAll(String action, List<String> subjects) {
        subjects.forEach(subject -> publish(action, subject, Map.of("name", subject)));
    }

    private void offer(ImageEvent event) {
        if (!queue.offer(event)) {
            LOG.atDebug().addKeyValue("action", event.action()).log("image event dropped: the engine takes none");
        }
    }

    private void send() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                tell(queue.take());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void tell(ImageEvent event) {
        try {
            engine.accept(event);
        } catch (RuntimeException e) {
            LOG.atDebug().setCause(e).log("image event dropped: the engine cannot be told");
        }
    }

    @Override
    public void close() {
        sender.interrupt();
    }
}
