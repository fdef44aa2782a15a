/** The classic build endpoint of the Docker API, and the engine as the one that runs commands. */
@NullMarked
package io.berth.image.build.web;

import org.jspecify.annotations.NullMarked;
