package io.berth.engine;

import java.lang.management.ManagementFactory;
import java.util.stream.LongStream;

/** What is still in use on this JVM's heap after it was collected. */
public final class LiveHeap {
    private LiveHeap() {}

    /** The least of some collections, since other threads go on meanwhile. */
    public static long bytes() {
        return LongStream.range(0, 3)
                .map(ignored -> {
                    System.gc();
                    return ManagementFactory.getMemoryMXBean()
                            .getHeapMemoryUsage()
                            .getUsed();
                })
                .min()
                .orElseThrow();
    }
}
