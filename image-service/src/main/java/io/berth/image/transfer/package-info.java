/** Pulling images from registries and pushing them there. */
@NullMarked
package io.berth.image.transfer;

import org.jspecify.annotations.NullMarked;
