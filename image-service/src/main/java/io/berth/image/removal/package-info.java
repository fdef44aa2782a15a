/** Deleting images, and collecting the content that nothing refers to any more. */
@NullMarked
package io.berth.image.removal;

import org.jspecify.annotations.NullMarked;
