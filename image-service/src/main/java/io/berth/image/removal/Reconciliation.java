package io.berth.image.removal;

import io.berth.image.content.ContentStore;
import io.berth.image.data.PartialDownloads;
import io.berth.image.layer.LayerStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Puts in order what a killed process left, before requests are served; from then on erases deleted images when the last
 * container that used them is gone.
 */
@Component
final class Reconciliation implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciliation.class);
    private static final long PERIOD_SECONDS = 60;

    private final ContentStore content;
    private final LayerStore layers;
    private final Collector collector;
    private final PartialDownloads partials;
    private @Nullable ScheduledExecutorService timer;

    Reconciliation(ContentStore content, LayerStore layers, Collector collector, PartialDownloads partials) {
        this.content = content;
        this.layers = layers;
        this.collector = collector;
        this.partials = partials;
    }

    @Override
    public synchronized void start() {
        try {
            content.discardUnfinished();
            content.discardPartials(partials.lifetime());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot clean the content store", e);
        }
        int removed = layers.removeOrphans();
        if (removed > 0) {
            LOG.atInfo().addKeyValue("directories", removed).log("removed unfinished layers");
        }
        timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("image-collector").factory());
        ScheduledFuture<?> schedule =
                timer.scheduleWithFixedDelay(this::collect, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
        LOG.atDebug().addKeyValue("schedule", schedule).log("collector scheduled");
    }

    private void collect() {
        try {
            collector.eraseRetired();
            content.discardPartials(partials.lifetime());
        } catch (IOException | RuntimeException e) {
            LOG.atWarn().setCause(e).log("collecting unused content failed; it will be tried again");
        }
    }

    @Override
    public synchronized void stop() {
        if (timer != null) {
            timer.shutdownNow();
            timer = null;
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return timer != null;
    }

    /** Before the web server, which starts in one of the last phases. */
    @Override
    public int getPhase() {
        return 0;
    }
}
