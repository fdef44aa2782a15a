/**
 * The multiplexed stream of attach, exec and logs.
 */
@NullMarked
package io.berth.docker.stream;

import org.jspecify.annotations.NullMarked;
