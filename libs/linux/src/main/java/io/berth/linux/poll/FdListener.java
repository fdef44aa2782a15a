package io.berth.linux.poll;

/** Told that a descriptor is ready. */
@FunctionalInterface
public interface FdListener {
    /**
     * Called on the poller's thread again and again for as long as the condition holds, so it reads or writes, or pauses
     * or closes the watch. It must not block: all other descriptors wait meanwhile. When it throws, the watch is closed and
     * the poller's handler for uncaught exceptions told.
     */
    void ready(FdWatch watch, Readiness readiness);
}
