/** The node's image data root: where everything lies on disk. */
@NullMarked
package io.berth.image.data;

import org.jspecify.annotations.NullMarked;
