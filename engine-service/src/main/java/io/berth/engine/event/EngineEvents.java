package io.berth.engine.event;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Carries events from where they happen to those who listen, and remembers the last {@value #HISTORY}, or fewer when they are long.
 *
 * <p>Thread-safe. Publishing never waits for a listener: one that is {@value #BACKLOG} events behind, or {@value #BYTES} bytes of them, is cut off, so that it
 * notices and asks again, instead of missing some silently.
 */
@Component
public final class EngineEvents {
    private static final Logger LOG = LoggerFactory.getLogger(EngineEvents.class);

    /** How many events are remembered. */
    static final int HISTORY = 1024;

    /** How far a listener may fall behind. */
    static final int BACKLOG = 4096;

    /** How much memory what is remembered may take, and what a listener has not yet taken. */
    static final int BYTES = 8 << 20;

    private final ArrayDeque<EngineEvent> history = new ArrayDeque<>(HISTORY);
    /** Of all in the history; guarded by it. */
    private long historyBytes;

    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    private Instant last = Instant.EPOCH;

    /** Tells everyone; events have increasing times. */
    public void publish(String type, String action, String subject, Map<String, String> attributes) {
        synchronized (history) {
            Instant now = Instant.now();
            last = now.isAfter(last) ? now : last.plusNanos(1);
            EngineEvent event = new EngineEvent(type, action, subject, attributes, last);
            history.addLast(event);
            historyBytes += event.bytes();
            while (history.size() > HISTORY || (historyBytes > BYTES && history.size() > 1)) {
                historyBytes -= history.removeFirst().bytes();
            }
            subscriptions.forEach(subscription -> subscription.offer(event));
        }
    }

    /** Listens from now on, and hands out what is remembered; nothing is lost or doubled between the two. */
    public Subscription subscribe() {
        synchronized (history) {
            Subscription subscription = new Subscription(new ArrayList<>(history));
            subscriptions.add(subscription);
            return subscription;
        }
    }

    /** How many listen. */
    public int listeners() {
        return subscriptions.size();
    }

    /** A listener's queue; close it when done. */
    public final class Subscription implements AutoCloseable {
        private final List<EngineEvent> past;
        private final BlockingQueue<EngineEvent> queue = new ArrayBlockingQueue<>(BACKLOG);
        private final AtomicLong queuedBytes = new AtomicLong();
        private volatile boolean cutOff;

        private Subscription(List<EngineEvent> past) {
            this.past = List.copyOf(past);
        }

        /** Events before the subscription, oldest first. */
        public List<EngineEvent> past() {
            return past;
        }

        /** The next event, or nothing when none came in that time. */
        public Optional<EngineEvent> next(long millis) throws InterruptedException {
            Optional<EngineEvent> next = Optional.ofNullable(queue.poll(millis, TimeUnit.MILLISECONDS));
            next.ifPresent(event -> queuedBytes.addAndGet(-event.bytes()));
            return next;
        }

        /** Whether this listener fell behind too far and gets no more. */
        public boolean cutOff() {
            return cutOff && queue.isEmpty();
        }

        private void offer(EngineEvent event) {
            long before = queuedBytes.getAndAdd(event.bytes());
            if ((before > 0 && before + event.bytes() > BYTES) || !queue.offer(event)) {
                queuedBytes.addAndGet(-event.bytes());
                cutOff = true;
                subscriptions.remove(this);
                LOG.atWarn().addKeyValue("backlog", BACKLOG).log("events listener cut off: it does not keep up");
            }
        }

        @Override
        public void close() {
            subscriptions.remove(this);
        }
    }
}
