/**
 * Processes: held by pidfd, told apart by pid and start time, waited for one by one.
 *
 * <p>Nothing here waits for "any child": that would steal the exit of the JDK's own.
 */
@NullMarked
package io.berth.linux.process;

import org.jspecify.annotations.NullMarked;
