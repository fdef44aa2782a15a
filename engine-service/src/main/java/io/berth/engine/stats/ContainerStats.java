package io.berth.engine.stats;

import io.berth.engine.container.Container;
import io.berth.engine.container.RemoveContainer;
import io.berth.engine.runtime.ContainerId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Samples, once a second, those containers that somebody listens to; however many listen to one, it is sampled once. One
 * thread for all. Thread-safe.
 */
@Component
public final class ContainerStats implements DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerStats.class);
    private static final long PERIOD_MILLIS = 1_000;

    /** A listener that is further behind misses samples; the counters lose nothing by it. */
    private static final int BACKLOG = 4;

    private final Sampling sampling;
    private final ConcurrentMap<ContainerId, Feed> feeds = new ConcurrentHashMap<>();
    private final ScheduledThreadPoolExecutor clock;
    private @Nullable ScheduledFuture<?> ticking;

    ContainerStats(Sampling sampling, RemoveContainer remove) {
        this.sampling = sampling;
        this.clock = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("stats").factory());
        clock.setRemoveOnCancelPolicy(true);
        remove.onRemoved(this::end);
    }

    /** What a container uses now; empty when it does not run. */
    public Optional<Sample> now(Container container) {
        return sampling.take(container);
    }

    /** The same without the host's numbers, for many containers at once; empty when it does not run. */
    public Optional<Usage> usage(Container container) {
        return sampling.usage(container);
    }

    /** Whether nobody listens, so that nothing is sampled. */
    public synchronized boolean idle() {
        return ticking == null;
    }

    /** Listens from now on; close it when done. */
    public synchronized Listener listen(Container container) {
        Feed feed = feeds.computeIfAbsent(container.id(), _ -> new Feed(container));
        Listener listener = new Listener(feed);
        feed.listeners.add(listener);
        if (ticking == null) {
            ticking = clock.scheduleAtFixedRate(this::tick, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        }
        return listener;
    }

    private synchronized void leave(Listener listener) {
        Feed feed = listener.feed;
        feed.listeners.remove(listener);
        if (feed.listeners.isEmpty()) {
            feeds.remove(feed.container.id(), feed);
        }
        if (feeds.isEmpty() && ticking != null) {
            ticking.cancel(false);
            ticking = null;
        }
    }

    private void tick() {
        for (Feed feed : List.copyOf(feeds.values())) {
            try {
                Optional<Sample> sample = sampling.take(feed.container);
                feed.listeners.forEach(listener -> listener.offer(new Tick.Sampled(sample)));
            } catch (RuntimeException e) {
                LOG.atWarn()
                        .setCause(e)
                        .addKeyValue("containerId", feed.container.id())
                        .log("a container could not be sampled");
            }
        }
    }

    private void end(Container container) {
        @Nullable Feed feed = feeds.get(container.id());
        if (feed != null) {
            feed.listeners.forEach(listener -> listener.offer(new Tick.End()));
        }
    }

    @Override
    public void destroy() {
        clock.shutdownNow();
    }

    private static final class Feed {
        private final Container container;
        private final List<Listener> listeners = new CopyOnWriteArrayList<>();

        Feed(Container container) {
            this.container = container;
        }
    }

    /** What a listener hears. */
    public sealed interface Tick {
        /** A sample; empty when the container does not run. */
        record Sampled(Optional<Sample> sample) implements Tick {}

        /** The container has been removed. */
        record End() implements Tick {}
    }

    /** One who listens; used by one thread. */
    public final class Listener implements AutoCloseable {
        private final Feed feed;
        private final BlockingQueue<Tick> queue = new ArrayBlockingQueue<>(BACKLOG);

        private Listener(Feed feed) {
            this.feed = feed;
        }

        private void offer(Tick tick) {
            while (!queue.offer(tick)) {
                queue.poll();
            }
        }

        /** The next tick, or nothing when none came in that time. */
        public Optional<Tick> next(long millis) throws InterruptedException {
            return Optional.ofNullable(queue.poll(millis, TimeUnit.MILLISECONDS));
        }

        @Override
        public void close() {
            leave(this);
        }
    }
}
