/** What happens to images, told to the engine. */
@NullMarked
package io.berth.image.event;

import org.jspecify.annotations.NullMarked;
