/**
 * Builds images from Dockerfiles.
 *
 * <p>{@link io.berth.image.build.Builder} makes an image of a {@link io.berth.image.build.BuildRequest} and the files of a {@link
 * io.berth.image.build.BuildInput}, and tells a {@link io.berth.image.build.BuildListener} how it goes. The doors, by which clients
 * ask for builds, are in packages of their own.
 */
@NullMarked
package io.berth.image.build;

import org.jspecify.annotations.NullMarked;
