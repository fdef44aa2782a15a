/** Progress of long operations as the Engine API streams it: one JSON document per line. */
@NullMarked
package io.berth.image.progress;

import org.jspecify.annotations.NullMarked;
