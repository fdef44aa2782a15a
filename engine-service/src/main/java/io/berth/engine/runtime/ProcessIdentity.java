package io.berth.engine.runtime;

/**
 * Names a process for good: a pid may be used again after its process ended, together with the start time it is not.
 *
 * @param pid in the engine's pid namespace
 * @param startTicks clock ticks since boot (/proc/&lt;pid&gt;/stat, field 22)
 */
public record ProcessIdentity(long pid, long startTicks) {}
