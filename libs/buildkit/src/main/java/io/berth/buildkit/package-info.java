/**
 * BuildKit's protocol as {@code docker buildx} speaks it, and what it asks of the builder behind it: a {@link
 * io.berth.buildkit.Builder} is given {@link io.berth.buildkit.BuildRequest}s, talks with the client through a {@link
 * io.berth.buildkit.ClientSession}, and tells of its steps through {@link io.berth.buildkit.BuildProgress}.
 */
@NullMarked
package io.berth.buildkit;

import org.jspecify.annotations.NullMarked;
