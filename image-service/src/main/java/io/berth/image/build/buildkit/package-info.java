/** Builds for BuildKit's clients: what {@code libs/buildkit} asks of a builder, answered by this service's own. */
@NullMarked
package io.berth.image.build.buildkit;

import org.jspecify.annotations.NullMarked;
