/** The door for BuildKit's clients: what takes their connections over and hands them to whoever builds. */
@NullMarked
package io.berth.image.buildkit;

import org.jspecify.annotations.NullMarked;
