/**
 * Images as the engine needs them; image-service has them.
 */
@NullMarked
package io.berth.engine.image;

import org.jspecify.annotations.NullMarked;
