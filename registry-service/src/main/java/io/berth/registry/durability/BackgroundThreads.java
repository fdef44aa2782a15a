package io.berth.registry.durability;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What a part of this service does by itself, from its start to its stop. Thread-safe. */
public final class BackgroundThreads {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final List<Thread> threads = new ArrayList<>();
    private StopSignal signal = new StopSignal();

    /**
     * Starts one.
     *
     * @param work returns soon after it is asked to end
     */
    public synchronized void start(String name, Consumer<StopSignal> work) {
        StopSignal ended = signal;
        threads.add(Thread.ofVirtual().name(name).start(() -> work.accept(ended)));
    }

    /** Asks all to end and waits until they have, so that they use nothing that closes next. */
    public synchronized void stop() {
        signal.give();
        signal = new StopSignal();
        try {
            for (Thread thread : threads) {
                thread.join(PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        threads.clear();
    }

    public synchronized boolean isRunning() {
        return !threads.isEmpty();
    }
}
