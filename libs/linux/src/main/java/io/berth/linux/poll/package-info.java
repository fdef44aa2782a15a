/**
 * Waiting for descriptors without a thread each: one {@link io.berth.linux.poll.FdPoller} watches the output of hundreds of
 * idle containers and their pidfds, and {@link io.berth.linux.poll.FdChannel} reads and writes what is ready, or parks a
 * virtual thread until it is.
 */
@NullMarked
package io.berth.linux.poll;

import org.jspecify.annotations.NullMarked;
