/** Image delete and prune, and the engine's answer to who uses an image. */
@NullMarked
package io.berth.image.removal.web;

import org.jspecify.annotations.NullMarked;
